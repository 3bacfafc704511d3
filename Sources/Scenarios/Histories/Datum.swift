import MeshCore

/// A piece of EDN or JSON with its place in the file.
struct Datum: Sendable {
    var location: Scenario.Location
    var kind: Kind

    indirect enum Kind: Sendable {
        /// `nil` or `null`.
        case null
        /// A number, a string, `true` or `false`, as it is read.
        case text(Bytes)
        /// `:name` of EDN, without the colon.
        case keyword(Bytes)
        /// A vector, list, set or array.
        case list([Datum])
        /// A map or object.
        case map([(key: Datum, value: Datum)])
    }

    /// A mistake at this place.
    func mistake(_ message: String) -> Scenario.ParseError { Scenario.ParseError(at: location, message) }

    /// Whether it is `nil` or `null`.
    var isNull: Bool { if case .null = kind { true } else { false } }

    /// The elements of a list; `nil` when it is none.
    var elements: [Datum]? { if case .list(let elements) = kind { elements } else { nil } }

    /// The text or the name; `nil` when it is neither.
    var word: Bytes? {
        switch kind {
        case .text(let bytes), .keyword(let bytes): bytes
        case .null, .list, .map: nil
        }
    }

    /// The value of a map under a name; `nil` when there is none.
    subscript(_ name: Bytes) -> Datum? {
        guard case .map(let entries) = kind else { return nil }
        for entry in entries where entry.key.word == name { return entry.value }
        return nil
    }

    /// The datum in one canonical spelling, so that equal data are equal bytes.
    var canonical: Bytes {
        switch kind {
        case .null: return "nil"
        case .text(let bytes): return bytes
        case .keyword(let bytes): return Bytes([0x3a] + bytes.storage)
        case .list(let elements):
            var bytes: [UInt8] = [0x5b]
            for index in 0..<elements.count {
                if index > 0 { bytes.append(0x20) }
                bytes += elements[index].canonical.storage
            }
            return Bytes(bytes + [0x5d])
        case .map(let entries):
            var bytes: [UInt8] = [0x7b]
            for index in 0..<entries.count {
                if index > 0 { bytes.append(0x20) }
                bytes += entries[index].key.canonical.storage + [0x20] + entries[index].value.canonical.storage
            }
            return Bytes(bytes + [0x7d])
        }
    }
}
