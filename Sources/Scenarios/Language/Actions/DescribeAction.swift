import MeshCore

/// `describe n3 region "eu-west" address "10.0.0.3:7000" capability "gpu" capability "ssd"`.
enum DescribeAction {
    static let forms: [Form<Scenario.Action>] = [
        Form("describe") { (parser: inout Parser) throws(Scenario.ParseError) in
            let word = parser.tokens[parser.position - 1]
            parser.need(.swim, for: word)
            let target = try parser.target(.nodes)
            let metadata = try metadata(&parser)
            guard metadata.byteCount <= Swim.Metadata.byteLimit else {
                let limit = Swim.Metadata.byteLimit
                let text = "a member tells at most \(limit) bytes of itself, not \(metadata.byteCount)"
                throw parser.error(text, at: word)
            }
            return .describe(target, metadata)
        }
    ]

    /// Takes what is told, each part at most once but for capabilities; nothing takes back what was told before.
    private static func metadata(_ parser: inout Parser) throws(Scenario.ParseError) -> Swim.Metadata {
        var metadata = Swim.Metadata()
        if parser.accept("region") { metadata.region = try parser.string("a region") }
        if parser.accept("address") { metadata.address = try parser.string("an address") }
        while parser.accept("capability") { metadata.capabilities.append(try parser.string("a capability")) }
        return metadata
    }

    static func write(_ target: Scenario.Target, _ metadata: Swim.Metadata, to writer: inout TextWriter) {
        writer.words("describe", target)
        if !metadata.region.isEmpty {
            writer.word("region")
            writer.string(metadata.region)
        }
        if !metadata.address.isEmpty {
            writer.word("address")
            writer.string(metadata.address)
        }
        for capability in metadata.capabilities {
            writer.word("capability")
            writer.string(capability)
        }
    }
}
