extension Swim {
    /// What a member tells of itself: where it stands, how it is reached, and what it can do.
    public struct Metadata: Hashable, Sendable, CustomStringConvertible {
        /// The region that it stands in, such as `eu-west`; empty when it does not say.
        public var region: Bytes
        /// How it is reached, such as `10.0.0.3:7000`; empty when it does not say.
        public var address: Bytes
        /// What it can do or is for, in its own order.
        public var capabilities: [Bytes]

        /// Creates what a member tells of itself.
        public init(region: Bytes = Bytes(), address: Bytes = Bytes(), capabilities: [Bytes] = []) {
            self.region = region
            self.address = address
            self.capabilities = capabilities
        }

        /// The most bytes that a member's metadata takes on the wire, 512.
        ///
        /// Source: memberlist, `MetaMaxSize`.
        public static var byteLimit: Int { 512 }

        /// Whether nothing is told.
        public var isEmpty: Bool { region.isEmpty && address.isEmpty && capabilities.isEmpty }

        /// The size on the wire.
        public var byteCount: Int {
            var count = Self.size(region) + Self.size(address) + Swim.varintSize(UInt64(UInt(capabilities.count)))
            for capability in capabilities { count += Self.size(capability) }
            return count
        }

        private static func size(_ text: Bytes) -> Int { Swim.varintSize(UInt64(UInt(text.count))) + text.count }

        /// Tells apart what two lives of a member said at the same incarnation; never 0.
        var fingerprint: UInt32 {
            var digest = Digest()
            mix(into: &digest)
            return UInt32(truncatingIfNeeded: digest.value >> 32) | 1
        }

        /// Mixes every field in.
        func mix(into digest: inout Digest) {
            digest.mix(region)
            digest.mix(address)
            digest.mix(capabilities.count)
            for capability in capabilities { digest.mix(capability) }
        }

        /// The fields as text, such as `eu-west 10.0.0.3:7000 gpu ssd`.
        public var description: String {
            if isEmpty { return "nothing" }
            var parts: [String] = []
            if !region.isEmpty { parts.append("\(region)") }
            if !address.isEmpty { parts.append("\(address)") }
            for capability in capabilities { parts.append("\(capability)") }
            var text = parts[0]
            for part in parts.dropFirst() { text += " \(part)" }
            return text
        }
    }

    /// When a member said something of itself.
    struct Stamp: Hashable, Sendable, Comparable {
        /// The incarnation at which it said so.
        var version: Incarnation
        /// The fingerprint of what it said.
        var fingerprint: UInt32

        /// What is held of a member that has said nothing.
        static var none: Stamp { Stamp(version: .zero, fingerprint: 0) }

        static func < (left: Stamp, right: Stamp) -> Bool {
            left.version != right.version ? left.version < right.version : left.fingerprint < right.fingerprint
        }
    }

    /// What a member said of itself at one of its incarnations, or the mention that it did.
    public struct Notice: Hashable, Sendable, CustomStringConvertible {
        /// Who said it.
        public let node: NodeID
        /// What it said; `nil` when that is only mentioned.
        public let metadata: Metadata?
        let stamp: Stamp

        /// Creates a notice.
        public init(_ node: NodeID, at version: Incarnation, _ metadata: Metadata) {
            self.node = node
            self.metadata = metadata
            self.stamp = Stamp(version: version, fingerprint: metadata.fingerprint)
        }

        /// Creates a mention of what a member said.
        ///
        /// - Parameter fingerprint: Tells apart what was said at the same incarnation.
        public init(mentioning node: NodeID, at version: Incarnation, fingerprint: UInt32) {
            self.init(mentioning: node, Stamp(version: version, fingerprint: fingerprint))
        }

        init(mentioning node: NodeID, _ stamp: Stamp) {
            self.node = node
            self.metadata = nil
            self.stamp = stamp
        }

        /// The incarnation at which it was said.
        public var version: Incarnation { stamp.version }

        /// The notice without what was said.
        var mention: Notice { Notice(mentioning: node, stamp) }

        /// The size on the wire.
        var byteCount: Int {
            Swim.varintSize(node.rawValue) + Swim.varintSize(UInt64(version.rawValue) << 1 | 1)
                + (metadata.map { $0.byteCount } ?? 4)
        }

        /// Mixes every field in.
        func mix(into digest: inout Digest) {
            digest.mix(node)
            digest.mix(UInt64(version.rawValue) << 1 | (metadata == nil ? 0 : 1))
            digest.mix(UInt64(stamp.fingerprint))
            if let metadata { metadata.mix(into: &digest) }
        }

        /// The notice as text, such as `n3@2: eu-west`.
        public var description: String {
            guard let metadata else { return "\(node)@\(version)" }
            return "\(node)@\(version): \(metadata)"
        }
    }
}

extension Swim.Metadata: WireCodable {
    /// Writes region, address and capabilities.
    public func encode(into writer: inout WireWriter) {
        writer.bytes(region)
        writer.bytes(address)
        writer.number(capabilities.count)
        for capability in capabilities { writer.bytes(capability) }
    }

    /// Reads metadata of at most ``byteLimit``.
    public init(from reader: inout WireReader) throws(WireError) {
        let before = reader.remaining
        let region = try reader.bytes(limit: Self.byteLimit)
        let address = try reader.bytes(limit: Self.byteLimit)
        let count = try reader.count(limit: Self.byteLimit)
        var capabilities: [Bytes] = []
        capabilities.reserveCapacity(count)
        for _ in 0..<count { capabilities.append(try reader.bytes(limit: Self.byteLimit)) }
        let size = before - reader.remaining
        guard size <= Self.byteLimit else { throw .tooLong(UInt64(UInt(size))) }
        self.init(region: region, address: address, capabilities: capabilities)
    }
}

extension Swim.Notice: WireCodable {
    /// Writes the member, the version, and what was said or its fingerprint.
    public func encode(into writer: inout WireWriter) {
        writer.node(node)
        writer.number(UInt64(version.rawValue) << 1 | (metadata == nil ? 0 : 1))
        if let metadata { metadata.encode(into: &writer) } else { writer.fixed32(stamp.fingerprint) }
    }

    /// Reads a notice or a mention.
    public init(from reader: inout WireReader) throws(WireError) {
        let node = try reader.node()
        let packed = try reader.number()
        guard packed >> 33 == 0 else { throw .invalid("an incarnation over 32 bits") }
        let version = Swim.Incarnation(UInt32(truncatingIfNeeded: packed >> 1))
        if packed & 1 == 1 {
            self.init(node, at: version, try Swim.Metadata(from: &reader))
        } else {
            self.init(mentioning: node, at: version, fingerprint: try reader.fixed32())
        }
    }
}
