/// Settings that say themselves why they would not work.
protocol CheckedSettings {
    /// Why they are refused, and what to do about it.
    associatedtype Reason: Error

    /// Refuses settings that would not work.
    func check() throws(Reason)
}

extension CheckedSettings {
    /// Whether ``check()`` finds nothing; what is built of settings holds this as an invariant.
    var isValid: Bool {
        do {
            try check()
            return true
        } catch {
            return false
        }
    }
}
