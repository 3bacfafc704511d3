import Foundation
import MeshCore
import MeshRuntime

/// Reads whole lines from a descriptor, for as long as a node has time.
struct LineReader {
    /// A line longer than this ends the reading: nobody who follows the protocol sends one.
    static let byteLimit = 64 << 20

    private let descriptor: Int32
    private var rest = Data()

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Waits for input, but no longer than until `deadline`, and returns the lines that are whole by then.
    ///
    /// - Returns: The lines without their ends, perhaps none; `nil` when the input has ended.
    mutating func lines(until deadline: Instant?) throws -> [Data]? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let status = unsafe poll(&waiting, 1, Self.milliseconds(until: deadline))
        if status < 0 && errno != EINTR { throw UsageError("cannot wait for input, error \(errno) of the system") }
        guard status > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return [] }
        guard count > 0 else { return nil }
        rest.append(contentsOf: buffer[..<count])
        let parts = rest.split(separator: 10, omittingEmptySubsequences: false)
        rest = Data(parts.last ?? Data())
        guard rest.count <= Self.byteLimit else { throw UsageError("a line of input is longer than 64 MiB") }
        return parts.dropLast().filter { !$0.isEmpty }.map { Data($0) }
    }

    /// How long to wait: rounded up, so that the timer has run out afterwards.
    private static func milliseconds(until deadline: Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = (deadline - SystemClock.now.elapsed).nanoseconds
        return Int32(clamping: left <= 0 ? 0 : (left + 999_999) / 1_000_000)
    }
}
