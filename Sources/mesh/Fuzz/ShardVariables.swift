/// Reads from a scheduler's environment variables which part of a campaign this process is.
enum ShardVariables {
    /// The most shards there may be.
    static let most: UInt64 = 1 << 32

    /// The names that are read.
    private enum Name {
        static let slurmID = "SLURM_ARRAY_TASK_ID"
        static let slurmFirst = "SLURM_ARRAY_TASK_MIN"
        static let slurmStep = "SLURM_ARRAY_TASK_STEP"
        static let slurmCount = "SLURM_ARRAY_TASK_COUNT"
        static let kubernetes = "JOB_COMPLETION_INDEX"
        /// How many shards there are: Kubernetes does not say, and a part of a Slurm array does not know.
        static let count = "MESH_SHARDS"
    }

    /// The shard from 0, and how many there are.
    ///
    /// A task of a Slurm array is a shard; with `MESH_SHARDS` the array may be a part, its ids being the shards from 0.
    /// A pod of a Kubernetes Indexed Job is a shard of `MESH_SHARDS`.
    ///
    /// - Throws: `UsageError` when no scheduler says, or what it says makes no sense.
    static func shard(_ environment: [String: String]) throws -> (index: UInt64, of: UInt64) {
        func number(_ name: String) throws -> UInt64? {
            guard let text = environment[name] else { return nil }
            guard let number = UInt64(text), number <= most else {
                throw UsageError("--shard auto: \(name) is \"\(text)\", which is no number")
            }
            return number
        }
        let count = try number(Name.count)
        let name: String
        let index: UInt64
        let of: UInt64
        if let id = try number(Name.slurmID) {
            name = Name.slurmID
            if let count {
                (index, of) = (id, count)
            } else {
                let first = try number(Name.slurmFirst) ?? 0
                let step = max(try number(Name.slurmStep) ?? 1, 1)
                guard let all = try number(Name.slurmCount), id >= first, (id - first) % step == 0 else {
                    throw UsageError(
                        "--shard auto: \(Name.slurmID) is \(id), and the array does not say which of how many that is",
                        hint: "set \(Name.count) to the number of shards; the ids count from 0 then.")
                }
                (index, of) = ((id - first) / step, all)
            }
        } else if let id = try number(Name.kubernetes) {
            name = Name.kubernetes
            guard let count else {
                throw UsageError(
                    "--shard auto: \(Name.kubernetes) is set, and \(Name.count) is not",
                    hint: "set \(Name.count) to the number of completions of the Job.")
            }
            (index, of) = (id, count)
        } else {
            throw UsageError(
                "--shard auto: neither \(Name.slurmID) nor \(Name.kubernetes) is set",
                hint: "this is no task of a Slurm array and no pod of an Indexed Job: write --shard 1/8.")
        }
        guard index < of else {
            throw UsageError(
                "--shard auto: \(name) stands for shard \(index + 1) of \(of)",
                hint: "the ids of an array with gaps do not count: set \(Name.count), and ids from 0 up.")
        }
        return (index, of)
    }
}
