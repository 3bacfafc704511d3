import MeshCore

/// `torn write on n2`, `failed fsync on n1`, `bit-rot on n3`, `disk full on leader`.
enum DiskFaultActions {
    static let forms: [Form<Scenario.Action>] = heads.map { head in
        Form(head) { (parser: inout Parser) throws(Scenario.ParseError) in
            let fault = try fault(behind: head, &parser)
            try parser.expect("on")
            return .diskFault(fault, on: try parser.target(.nodes))
        }
    }

    private static let heads: [Bytes] = ["bit-rot", "flipped", "misdirected", "failed", "lying", "torn", "disk"]

    private static func fault(
        behind head: Bytes, _ parser: inout Parser
    ) throws(Scenario.ParseError) -> Scenario.DiskFault {
        if head == "bit-rot" {
            guard parser.accept("in") else { return .bitRot }
            try parser.expect("newest")
            return .newestRot
        }
        for fault in Scenario.DiskFault.allCases {
            let words = fault.wordPair
            if words.first == head, parser.accept(words.second) { return fault }
        }
        throw parser.expected("what the disk does wrong behind \"\(head.description)\"")
    }
}

extension Scenario.DiskFault {
    /// How the fault is written in a line of the timeline.
    var words: Bytes {
        let pair = wordPair
        return pair.second.isEmpty ? pair.first : Bytes(pair.first.storage + [0x20] + pair.second.storage)
    }

    /// The first word, and what follows it.
    var wordPair: (first: Bytes, second: Bytes) {
        switch self {
        case .bitRot: return ("bit-rot", "")
        case .newestRot: return ("bit-rot", "in newest")
        case .flippedWrite: return ("flipped", "write")
        case .flippedRead: return ("flipped", "read")
        case .misdirectedWrite: return ("misdirected", "write")
        case .misdirectedRead: return ("misdirected", "read")
        case .failedWrite: return ("failed", "write")
        case .failedFsync: return ("failed", "fsync")
        case .failedRead: return ("failed", "read")
        case .lyingFsync: return ("lying", "fsync")
        case .tornWrite: return ("torn", "write")
        case .full: return ("disk", "full")
        }
    }

    /// The setting of the section disk that gives its share; `nil` when it has none.
    var settingWord: Bytes? {
        switch self {
        case .flippedWrite: return "flipped-writes"
        case .flippedRead: return "flipped-reads"
        case .misdirectedWrite: return "misdirected-writes"
        case .misdirectedRead: return "misdirected-reads"
        case .failedWrite: return "failed-writes"
        case .failedFsync: return "failed-fsyncs"
        case .failedRead: return "failed-reads"
        case .lyingFsync: return "lying-fsyncs"
        case .bitRot, .newestRot, .tornWrite, .full: return nil
        }
    }
}
