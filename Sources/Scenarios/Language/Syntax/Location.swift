extension Scenario {
    /// Where a statement stands in its file.
    ///
    /// Two locations are always equal, so that a statement read from a file equals the same statement built in code.
    public struct Location: Equatable, Sendable {
        /// The line, counted from 1; 0 when the statement was not read from a file.
        public var line: Int

        /// The column in Unicode scalars, counted from 1; 0 when the statement was not read from a file.
        public var column: Int

        /// Creates the location of this line and column.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        /// The location of a statement that was not read from a file.
        public static var none: Location { Location(line: 0, column: 0) }

        /// Always true: a location is no part of what a statement means.
        public static func == (left: Location, right: Location) -> Bool { true }
    }
}
