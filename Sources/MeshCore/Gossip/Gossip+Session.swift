extension Gossip {
    /// A comparison that this node has opened.
    struct Session: Sendable {
        /// With whom.
        let partner: NodeID
        /// How far it is.
        var stage = Stage.asked
        /// Whether the partner has sent anything of it since the last round.
        var isActive = false
        /// For how many rounds it has gone on.
        var rounds = 0
        /// For how many rounds in a row the last question was asked again.
        var retries = 0
        /// How often the partner's state changed under the stream.
        var restarts = 0
        /// The hash of the partner's state that is being decoded, and how many entries it has.
        var theirs = Fingerprint(hash: 0, count: 0)
        var decoder: Reconciliation.Decoder
        /// This node's state when the stream began, once there is more than one piece.
        var view: View?
        /// How many symbols were asked for last.
        var ask = 0
        /// The hashes of entries that only the partner has.
        var wanted: [UInt64] = []
        /// How many of them, at the end of the list, were asked for last.
        var asked = 0
        /// The hashes of entries that only this node has.
        var offers: [UInt64] = []

        init(partner: NodeID, salt: UInt64) {
            self.partner = partner
            self.decoder = Reconciliation.Decoder(salt: salt)
        }

        enum Stage: Sendable {
            /// The hash is sent; no answer means equal.
            case asked
            /// Symbols come in.
            case streaming
            /// Entries come in, then entries go out.
            case fetching
            /// Ranges are compared.
            case ranges
        }

        /// After so many rounds another partner is asked all the same: a peer must not keep this node for itself.
        static let roundLimit = 30
        /// How often a question is asked again, a round apart, before the comparison is given up.
        static let retryLimit = 2
        /// How often a stream begins anew before ranges are compared.
        static let restartLimit = 3
    }

    /// A state whose symbols a peer is reading while the state goes on changing.
    struct Stream: Sendable {
        let peer: NodeID
        var view: View
        /// For how many rounds nobody has read on.
        var idleRounds = 0
    }
}
