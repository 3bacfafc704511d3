/// The promise that ``Linearizability`` judges, for scenarios.
public enum LinearizabilityPromises {
    /// Clients cannot tell the cluster from one copy of the data.
    public static var linearizable: Promise {
        Promise(
            "linearizable",
            "every answer is one that a single copy serving one operation at a time could have given at that time")
    }
}
