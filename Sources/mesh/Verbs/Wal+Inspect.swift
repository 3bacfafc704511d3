import Foundation
import MeshCore
import MeshRuntime

// `mesh wal inspect`: every byte of a log is some record, some header, broken, or free.

extension Wal {
    /// How much of a record's content is shown.
    static let contentLimit = 120

    static func inspect<Stable: StableState>(
        _ path: String, _ request: Request, as content: Stable.Type
    ) throws -> ExitStatus {
        var isFolder: ObjCBool = false
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw UsageError("\(path): there is no such file or folder", hint: Files.sibling(of: path))
        }
        guard isFolder.boolValue else {
            let single = try SingleFile(path)
            return try show(single.file, called: path, in: single, request, as: content) ? .held : .broken
        }
        let folder = try folder(path)
        warnOfHolder(folder)
        for file in try files(of: folder) {
            _ = try show(file, called: file.description, in: folder, request, as: content)
        }
        return try verify(folder, request, as: content)
    }

    /// Shows a file.
    ///
    /// - Returns: Whether everything in it can be read.
    private static func show<Directory: StorageDirectory, Stable: StableState>(
        _ file: Storage.File, called name: String, in directory: Directory, _ request: Request, as content: Stable.Type
    ) throws -> Bool {
        var counts = Counts()
        do throws(Storage.Failure) {
            var survey = try Storage.Survey(file, in: directory, settings: request.settings)
            if !request.isJSON { Terminal.print(title(file, name, survey.byteCount, survey.sectorBytes)) }
            while let finding = try survey.next() {
                counts.add(finding)
                if request.isJSON {
                    Terminal.print(object(finding, of: file, as: content).text)
                } else if let line = line(finding, of: file, as: content) {
                    Terminal.print(line)
                }
            }
        } catch {
            throw UsageError("\(name): \(error)")
        }
        if !request.isJSON { Terminal.print("  \(counts.text)\n") }
        return counts.broken == 0
    }

    /// What a file holds, in numbers.
    private struct Counts {
        var records: UInt64 = 0
        var batches: UInt64 = 0
        var bytes: UInt64 = 0
        var broken: UInt64 = 0

        mutating func add(_ finding: Storage.Finding) {
            switch finding {
            case .header, .free: break
            case .badHeader, .broken: broken += 1
            case .frame(let header, let payload, _):
                records += 1
                batches += header.place == 0 ? 1 : 0
                bytes += UInt64(payload.count)
            }
        }

        var text: String {
            let parts = [
                Units.counted(Int(records), "record", "records"), "\(Units.grouped(bytes)) bytes of content",
                broken == 0 ? "nothing broken" : Units.counted(Int(broken), "broken place", "broken places"),
            ]
            return parts.joined(separator: ", ")
        }
    }

    private static func title(_ file: Storage.File, _ name: String, _ bytes: Int64, _ sector: Int64) -> String {
        let kind =
            switch file {
            case .segment(let number): "segment \(number)"
            case .image(let sequence): "image of everything up to record \(sequence)"
            case .newImage(let sequence): "unfinished image of everything up to record \(sequence)"
            case .damagedSegment(let number): "segment \(number), set aside"
            case .damagedImage(let sequence): "image of everything up to record \(sequence), set aside"
            }
        return "\(Terminal.bold(name))  \(kind), \(Units.grouped(UInt64(bytes))) bytes, sectors of \(sector)\n"
            + Terminal.faint("      offset      record       batch     bytes  checksum  content")
    }

    private static func line<Stable: StableState>(
        _ finding: Storage.Finding, of file: Storage.File, as content: Stable.Type
    ) -> String? {
        func columns(_ values: [(text: String, width: Int)]) -> String {
            values.map { String(repeating: " ", count: max($0.width - $0.text.count, 0)) + $0.text }.joined(
                separator: " ")
        }
        switch finding {
        case .header(let header):
            let what = if case .segment = file { "first record" } else { "last record covered" }
            return columns([("0", 12)]) + "  header, version \(Storage.FileHeader.version), \(what) \(header.sequence)"
        case .badHeader(at: let offset, let damage):
            return columns([("\(offset)", 12)]) + "  " + Terminal.red("broken: \(damage)")
        case .frame(let header, let payload, at: let offset):
            let start = columns([
                ("\(offset)", 12), ("\(header.sequence)", 11), ("\(header.batchStart)", 11), ("\(header.length)", 9),
            ])
            return "\(start)  \(checksum(header.payloadChecksum))  \(text(of: payload, in: file, as: content))"
        case .broken(at: let offset, byteCount: let count):
            return columns([("\(offset)", 12)]) + "  "
                + Terminal.red("broken: \(Units.grouped(UInt64(count))) bytes are no record")
        case .free(at: let offset, byteCount: let count):
            return columns([("\(offset)", 12)]) + "  free: \(Units.grouped(UInt64(count))) bytes"
        }
    }

    private static func checksum(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// What a record says, or its bytes when it says nothing.
    private static func text<Stable: StableState>(
        of payload: [UInt8], in file: Storage.File, as content: Stable.Type
    ) -> String {
        if payload.isEmpty, case .segment = file { return "nothing" }
        if payload.isEmpty { return "end of the image" }
        if payload.count <= 1 << 16, let record = decoded(payload, as: content) {
            let text = record.description
            return text.count > contentLimit ? "\(text.prefix(contentLimit))…" : text
        }
        return hexadecimal(payload)
    }

    private static func decoded<Stable: StableState>(_ payload: [UInt8], as content: Stable.Type) -> Stable.Record? {
        guard content != Storage.Unread.self else { return nil }
        var reader = WireReader(payload)
        guard let record = try? Stable.Record(from: &reader), (try? reader.finish()) != nil else { return nil }
        return record
    }

    private static func hexadecimal(_ payload: [UInt8]) -> String {
        let digits = payload.prefix(32).map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }
        return digits.joined() + (payload.count > 32 ? "…" : "")
    }

    private static func object<Stable: StableState>(
        _ finding: Storage.Finding, of file: Storage.File, as content: Stable.Type
    ) -> JSONObject {
        var object = JSONObject()
        object.add("file", file.description)
        switch finding {
        case .header(let header):
            object.add("kind", "header")
            object.add("offset", 0)
            object.add("number", header.number)
            object.add("sequence", header.sequence)
            object.add("sector_bytes", UInt64(header.sectorBytes ?? 0))
        case .badHeader(at: let offset, let damage):
            object.add("kind", "broken")
            object.add("offset", UInt64(offset))
            object.add("reason", damage.description)
        case .frame(let header, let payload, at: let offset):
            object.add("kind", "record")
            object.add("offset", UInt64(offset))
            object.add("record", header.sequence)
            object.add("batch", header.batchStart)
            object.add("bytes", UInt64(header.length))
            object.add("checksum", checksum(header.payloadChecksum))
            if payload.count <= 1 << 16, let record = decoded(payload, as: content) {
                object.add("content", record.description)
            } else {
                object.add("hex", hexadecimal(payload))
            }
        case .broken(at: let offset, byteCount: let count):
            object.add("kind", "broken")
            object.add("offset", UInt64(offset))
            object.add("bytes", UInt64(count))
        case .free(at: let offset, byteCount: let count):
            object.add("kind", "free")
            object.add("offset", UInt64(offset))
            object.add("bytes", UInt64(count))
        }
        return object
    }
}
