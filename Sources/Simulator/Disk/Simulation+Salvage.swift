public import MeshCore

extension Simulation {
    /// Takes what is legible of a disk that was refused, if the settings want that and the machine can live with it.
    @inlinable
    mutating func salvageDisk<Watcher: Observer>(_ host: Int, _ observer: inout Watcher)
    where Watcher.Machine == Machine {
        guard disk.salvages, case .damaged? = hosts[host].refusal else { return }
        guard let report = salvageDisk(host) else { return }
        observer.didChange(.salvaged(report), at: id(host), in: self)
    }

    @usableFromInline
    mutating func salvageDisk(_ host: Int) -> Storage.SalvageReport? {
        let settings = hosts[host].log.settings
        do throws(Storage.Failure) {
            guard let salvaged = try WriteAheadLog<Machine.Stable>.salvage(from: hosts[host].disk, settings: settings)
            else { return nil }
            hosts[host].log = salvaged.log
            hosts[host].refusal = nil
            settleLog(host)
            return salvaged.report
        } catch {
            hosts[host].refusal = error
            return nil
        }
    }

    /// Damages one bit of what a disk holds; nothing happens where nothing stands.
    ///
    /// - Returns: Whether there was a byte.
    @discardableResult
    public mutating func flipBit(_ bit: Int, ofByteAt offset: Int64, in file: Storage.File, of node: NodeID) -> Bool {
        let host = position(node)
        digestInput(Mark.stall, host, UInt64(bitPattern: offset), 2)
        let isFlipped = hosts[host].disk.flipBit(bit, ofByteAt: offset, in: file)
        if isFlipped && hosts[host].status == .crashed { readDisk(host, isStarting: false) }
        return isFlipped
    }

    /// How many records a node's log holds durably; of a node that is down, as they were read back.
    public func durableSequence(of node: NodeID) -> UInt64 { hosts[position(node)].log.durableSequence }

    /// Why a node cannot start from what its disk holds; `nil` if it can.
    public func refusal(of node: NodeID) -> Storage.Failure? { hosts[position(node)].refusal }

    /// The files on a node's disk, ascending.
    public func files(of node: NodeID) -> [Storage.File] { (try? hosts[position(node)].disk.files()) ?? [] }

    /// The size of a file on a node's disk; 0 if there is none.
    public func byteCount(of file: Storage.File, at node: NodeID) -> Int64 {
        (try? hosts[position(node)].disk.byteCount(of: file)) ?? 0
    }
}
