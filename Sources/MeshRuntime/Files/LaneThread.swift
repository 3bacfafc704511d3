import Dispatch
import MeshCore
import Synchronization

/// A lane whose operations are done in the caller's thread, or a list of them beside it; for one caller.
final class SideLane {
    private let thread: LaneThread
    /// Whether a list is under way.
    private(set) var isAtWork = false

    init(_ folder: FileDirectory, recycledSector: Int, name: String) {
        self.thread = LaneThread(folder, recycledSector: recycledSector, name: name)
    }

    deinit {
        // Nobody writes to the folder any more once it is given up.
        if isAtWork { _ = thread.finish() }
    }

    /// Does one operation here and now.
    func perform(_ operation: Storage.Operation) throws(FileError) {
        invariant(!isAtWork, "operations of a lane are done one after the other")
        try thread.perform(operation)
    }

    /// Begins to do operations, in order, until one fails; nothing happens when there are none.
    func begin(_ operations: [Storage.Operation]) {
        guard !operations.isEmpty else { return }
        invariant(!isAtWork, "operations of a lane are done one after the other")
        isAtWork = true
        thread.begin(operations)
    }

    /// Waits until the list under way is done.
    func finish() -> LaneThread.Done? {
        guard isAtWork else { return nil }
        isAtWork = false
        return thread.finish()
    }

    /// The same if it is done already; `nil` while it is not.
    func finishIfDone() -> LaneThread.Done? {
        guard isAtWork, let done = thread.finishIfDone() else { return nil }
        isAtWork = false
        return done
    }
}

/// The thread beside the caller; at most one list is under way, and while it is, nothing else is done.
final class LaneThread: Sendable {
    private let lane: Mutex<FileLane>
    private let result = Mutex<Done?>(nil)
    private let queue: DispatchQueue
    private let finished = DispatchSemaphore(value: 0)

    /// What became of a list.
    struct Done: Sendable {
        /// The operations, in order.
        var operations: [Storage.Operation]
        /// How many of them were done.
        var count = 0
        /// What ended the lane; `nil` when all were done.
        var failure: FileError?
    }

    init(_ folder: FileDirectory, recycledSector: Int, name: String) {
        self.lane = Mutex(FileLane(folder, recycledSector: recycledSector))
        self.queue = DispatchQueue(label: "mesh.\(name)", qos: .userInitiated)
    }

    /// Does one operation here and now.
    func perform(_ operation: Storage.Operation) throws(FileError) {
        try lane.withLock { lane throws(FileError) in try lane.perform(operation) }
    }

    /// Begins to do operations, in order, until one fails.
    func begin(_ operations: [Storage.Operation]) {
        result.withLock { $0 = Done(operations: operations) }
        queue.async { [self] in
            work()
            finished.signal()
        }
    }

    private func work() {
        var taken: Done?
        result.withLock { swap(&$0, &taken) }
        guard var done = taken.take() else { return }
        do throws(FileError) {
            for index in done.operations.indices {
                try perform(done.operations[index])
                done.count += 1
            }
        } catch {
            done.failure = error
        }
        result.withLock { $0 = done }
    }

    /// Waits until the list under way is done.
    func finish() -> Done? {
        finished.wait()
        return take()
    }

    /// The same if it is done already; `nil` while it is not.
    func finishIfDone() -> Done? {
        finished.wait(timeout: .now()) == .success ? take() : nil
    }

    private func take() -> Done? {
        var taken: Done?
        result.withLock { swap(&$0, &taken) }
        return taken
    }
}
