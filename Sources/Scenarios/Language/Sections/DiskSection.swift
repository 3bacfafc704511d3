import MeshCore

/// `disk`: `write 100us..200us  fsync 1ms..5ms  torn-writes on`, how large things are, and what goes wrong by chance.
enum DiskSection {
    static func open(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.openOnce("disk")
        parser.scenario.disk.location = parser.location(of: parser.tokens[0])
    }

    static func readLine(_ parser: inout Parser) throws(Scenario.ParseError) {
        try parser.settings(forms, of: "disk", .setting)
    }

    static let forms: [Form<Void>] =
        [
            Form("write") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.write = try parser.intervalRange(.time)
            },
            Form("fsync") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.fsync = try parser.intervalRange(.time)
            },
            Form("torn-writes") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.tornWrites = try parser.flag()
            },
            Form("sector") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.sector = try sector(&parser)
            },
            Form("capacity") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.capacity = try parser.setting(.size)
            },
            Form("segment") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.segment = try parser.setting(.segment)
            },
            Form("image-after") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.imageAfter = try parser.setting(.size)
            },
            Form("restart-after") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.restartAfter = try parser.setting(.duration)
            },
            Form("salvage") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.salvage = try parser.flag()
            },
            Form("bit-rot") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.bitRot = try parser.setting(.rate)
            },
            Form("spikes") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.spikes = try delays(&parser)
            },
            Form("stalls") { (parser: inout Parser) throws(Scenario.ParseError) in
                parser.scenario.disk.stalls = try delays(&parser)
            },
        ] + shareForms

    /// The settings that are shares of operations.
    private static let shareForms: [Form<Void>] = Scenario.DiskFault.allCases.compactMap { fault in
        guard let word = fault.settingWord else { return nil }
        return Form(word) { (parser: inout Parser) throws(Scenario.ParseError) in
            let share = Scenario.DiskShare(fault, try parser.setting(.share))
            let later = parser.scenario.disk.shares.firstIndex { $0.fault.rawValue > fault.rawValue }
            parser.scenario.disk.shares.insert(share, at: later ?? parser.scenario.disk.shares.count)
        }
    }

    private static func sector(_ parser: inout Parser) throws(Scenario.ParseError) -> Scenario.Size {
        let token = parser.current
        let bytes = try parser.quantity(.sector)
        guard bytes & (bytes - 1) == 0 else {
            throw parser.error("a sector is a power of two, such as 512B or 4KiB", at: token)
        }
        return Scenario.Size(bytes: bytes)
    }

    private static func delays(_ parser: inout Parser) throws(Scenario.ParseError) -> Scenario.DiskDelays {
        let share: Scenario.Setting<Ratio> = try parser.setting(.share)
        try parser.expect("of")
        return Scenario.DiskDelays(share, of: try parser.intervalRange(.duration))
    }

    static func write(_ disk: Scenario.Disk, to writer: inout TextWriter) {
        guard disk != Scenario.Disk() else { return }
        writer.beginSection("disk")
        var line = SettingsLine()
        if let write = disk.write {
            line.next("write", after: nil, in: &writer)
            writer.range(write)
        }
        if let fsync = disk.fsync {
            line.next("fsync", after: nil, in: &writer)
            writer.range(fsync)
        }
        line.flag("torn-writes", disk.tornWrites, in: &writer)
        line = SettingsLine()
        line.setting("sector", disk.sector.map { .fixed($0) }, in: &writer)
        line.setting("capacity", disk.capacity, in: &writer)
        line.setting("segment", disk.segment, in: &writer)
        line.setting("image-after", disk.imageAfter, in: &writer)
        line.setting("restart-after", disk.restartAfter, in: &writer)
        line.flag("salvage", disk.salvage, in: &writer)
        line = SettingsLine()
        line.setting("bit-rot", disk.bitRot, in: &writer)
        for share in disk.shares {
            if let word = share.fault.settingWord { line.setting(word, share.share, in: &writer) }
        }
        delays("spikes", disk.spikes, &line, &writer)
        delays("stalls", disk.stalls, &line, &writer)
    }

    private static func delays(
        _ word: Bytes, _ delays: Scenario.DiskDelays?, _ line: inout SettingsLine, _ writer: inout TextWriter
    ) {
        guard let delays else { return }
        line.setting(word, delays.share, in: &writer)
        writer.word("of")
        writer.range(delays.length)
    }
}
