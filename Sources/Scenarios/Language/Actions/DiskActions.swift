import MeshCore

/// `stall disk on n3`, `slow disk on n3 to 50ms..100ms`, and `slow n3 by 10x`, which begins with the same word.
enum DiskActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("stall") { (parser: inout Parser) throws(Scenario.ParseError) in
            try parser.expect("disk")
            try parser.expect("on")
            return .stallDisk(try parser.target(.nodes))
        },
        Form("slow") { (parser: inout Parser) throws(Scenario.ParseError) in
            guard parser.accept("disk") else {
                let target = try parser.target(.nodes)
                try parser.expect("by")
                return .slow(target, by: try parser.setting(.factor))
            }
            try parser.expect("on")
            let target = try parser.target(.nodes)
            try parser.expect("to")
            return .slowDisk(target, to: try parser.intervalRange(.time))
        },
    ]
}
