public import MeshCore

extension Scenario {
    /// The words that statements, settings, actions, targets, events and conditions begin with.
    ///
    /// For completion and for highlighting in editors; a word may appear more than once.
    public static var words: [Bytes] {
        var words = Section.words
        for section in Section.all { words += section.lineWords }
        words += ActionForms.all.map { $0.word } + Parser.latencyForms.map { $0.word } + Words.reserved
        words += RaftStatement.forms.map { $0.word } + SwimStatement.forms.map { $0.word }
        words += HeartbeatStatement.forms.map { $0.word } + GossipStatement.forms.map { $0.word }
        words += BudgetSection.forms.map { $0.word } + ChaosStatement.forms.map { $0.word }
        words += Words.nodeEvents.map { $0.word } + Words.memberships.map { $0.word } + Words.extents.map { $0.word }
        words += Words.operations.map { $0.word } + Words.workloads.map { $0.word } + Words.keyChoices.map { $0.word }
        return words
    }
}
