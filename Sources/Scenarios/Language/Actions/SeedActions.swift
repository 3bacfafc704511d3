import MeshCore

/// `reseed 17`.
enum SeedActions {
    static let forms: [Form<Scenario.Action>] = [
        Form("reseed") { (parser: inout Parser) throws(Scenario.ParseError) in
            .reseed(try parser.wholeNumber("a seed such as 17"))
        }
    ]
}
