/// The rules of the house, in one list: to add one, write it under `Rules/` and name it here.
enum House {
    static let rules: [Rule] = [
        // Which way the doors open.
        .imports, .packageDoors, .noTestable,
        // What makes the same seed give the same run on every machine.
        .noDictionaryOrSet, .noSystemRandomness, .noClock, .noTasksAndLocks, .noPrinting, .noFloatingPoint,
        .noProcessDependentHashes, .no128BitArithmetic, .noExistentials, .noKeyPaths, .noClasses, .noUnsafe,
        .invariantsKeepTheirText, .purposesAreUnique,
        // How it reads.
        .lineLength, .fileLength, .functionLength, .aStepNamesEveryCase, .documentation, .noLeftovers,
        // What is not Swift.
        .scenariosSayWhy, .noMachinePaths, .linksLeadSomewhere,
    ]

    /// Files that may break a rule.
    ///
    /// Each says why, and a test refuses the ones that are no longer needed.
    static let exceptions: [Exception] =
        [
            Exception(
                rule: "unsafe", path: "Sources/MeshCore/Machine/Outbox.swift",
                reason: "the lent buffer keeps its memory across steps, which no safe collection offers"),
            Exception(
                rule: "unsafe", path: "Sources/MeshCore/Basics/Bytes.swift",
                reason: "the bytes of a literal can be read through its buffer only"),
            Exception(
                rule: "unsafe", path: "Sources/MeshCore/Basics/Mutant.swift",
                reason: "the switch of the planted bugs is one for the whole process, and exists under its trait only"),
        ] + leaks

    /// The leaks that are planted to be caught, under their trait only; a test demands that they stay behind it.
    private static let leaks: [Exception] = [
        "no Dictionary or Set", "no system randomness", "no clock", "unsafe",
    ].map {
        Exception(
            rule: $0, path: "Sources/Simulator/Leak.swift",
            reason: "it breaks this rule on purpose, in builds with planted bugs, to show that the break is noticed")
    }
}
