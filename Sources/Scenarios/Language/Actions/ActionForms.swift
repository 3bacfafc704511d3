import MeshCore

/// The words a line of the timeline can do; each family has a file of its own.
enum ActionForms {
    /// Every action.
    static let all: [Form<Scenario.Action>] =
        PartitionActions.forms + LinkActions.forms + NodeActions.forms + DiskActions.forms + StateActions.forms
        + TransferAction.forms + MemberActions.forms + DiskFaultActions.forms + SeedActions.forms + DescribeAction.forms
}

extension Parser {
    /// Takes what a line of the timeline does.
    mutating func action() throws(Scenario.ParseError) -> Scenario.Action {
        if let action = try accept(ActionForms.all) { return action }
        if let token = current, token.kind == .word,
            let notYet = Unsupported.text(for: bytes(of: token), in: .action)
        {
            throw error("not supported yet: \(notYet)")
        }
        guard let token = current, token.kind == .word else { throw expected("an action such as \"crash leader\"") }
        throw error("unknown action \(shown(token))", suggestion: suggestion())
    }
}

extension TextWriter {
    /// Writes what a line of the timeline does.
    mutating func action(_ action: Scenario.Action) {
        switch action {
        case .partition(let partition): PartitionActions.write(partition, to: &self)
        case .isolate(let target): words("isolate", target)
        case .cut(let links): words("cut", links)
        case .uncut(let links): words("uncut", links)
        case .heal: word("heal")
        case .healEverything: words("heal everything")
        case .degrade(let rule): LinkActions.write(rule, to: &self)
        case .clog(let links): words("clog", links)
        case .unclog(let links): words("unclog", links)
        case .crash(let target, let mode):
            words("crash", target)
            words(mode.words)
        case .restart(let target): words("restart", target)
        case .start(let target): words("start", target)
        case .pause(let target): words("pause", target)
        case .resume(let target): words("resume", target)
        case .slow(let target, let factor):
            words("slow", target)
            word("by")
            setting(factor)
        case .clock(let target, let change):
            words("clock", target)
            NodeActions.write(change, to: &self)
        case .stallDisk(let target): words("stall disk on", target)
        case .slowDisk(let target, let lengths):
            words("slow disk on", target)
            word("to")
            range(lengths)
        case .set, .delete, .propose, .leave, .subscribe: StateActions.write(action, to: &self)
        case .describe(let target, let metadata): DescribeAction.write(target, metadata, to: &self)
        case .transfer(let target): TransferAction.write(target, to: &self)
        case .members(let change, let asked): MemberActions.write(change, on: asked, to: &self)
        case .diskFault(let fault, let target):
            words(fault.words)
            words("on", target)
        case .crashAtSync(let target, let moment, let mode):
            words("crash", target)
            words(moment.isBefore ? "before sync" : "after sync")
            setting(moment.count)
            words(mode.words)
        case .reseed(let seed):
            word("reseed")
            text("\(seed)")
        }
    }

    /// Writes a word and the nodes it is done to.
    mutating func words(_ text: Bytes, _ target: Scenario.Target) {
        words(text)
        self.target(target)
    }

    /// Writes a word and the links it is done to, if any.
    mutating func words(_ text: Bytes, _ links: Scenario.Links?) {
        words(text)
        if let links { self.links(links) }
    }
}
