import MeshCore
import Simulator

/// The clients of one workload.
struct WorkloadState: Sendable {
    var workload: Scenario.Workload
    var firstClient: Int
    var clientCount: Int
    var keyCount: Int
    /// Sums of 1/k for the Zipf choice, scaled; empty for the uniform one.
    var zipf: [UInt64]
    var interval: Interval
    var operationCount: UInt64 = 0
    var nextClient = 0
}

extension Run {
    /// Adds the clients of every workload and plans their first operation.
    mutating func prepareWorkloads() {
        for workload in scenario.workloads {
            let clients = Int(clamping: workload.clients?.value ?? 1)
            let keys = Int(clamping: workload.keys?.count.value ?? 10)
            var zipf: [UInt64] = []
            if workload.keys?.choice == .zipf {
                var sum: UInt64 = 0
                for key in 1...max(keys, 1) {
                    sum += 1_000_000_000 / UInt64(UInt(bitPattern: key))
                    zipf.append(sum)
                }
            }
            let rate = workload.rate?.value ?? Scenario.Rate(millihertz: 10_000)
            workloads.append(
                WorkloadState(
                    workload: workload, firstClient: watcher.clients.add(clients), clientCount: clients,
                    keyCount: max(keys, 1), zipf: zipf, interval: max(rate.interval, .nanoseconds(1))))
            agenda.add(.arrival(workloads.count - 1), at: .zero + (workload.from?.value ?? .zero))
        }
    }

    /// Lets the next client of a workload act, and plans the one after it.
    mutating func performArrival(_ index: Int) {
        let now = simulation.now
        let next = now + workloads[index].interval
        let last = workloads[index].workload.until.map { .zero + $0.value } ?? end
        if now >= last { return }
        if next < last { agenda.add(.arrival(index), at: next) }
        workloads[index].operationCount += 1
        guard let client = idleClient(index), let node = node(for: index, bits(index, 1)) else { return }
        switch workloads[index].workload.kind {
        case .kv: operate(index, client, node)
        case .propose: propose(index, client, node)
        case .gossip: gossip(index, node)
        case .broadcast: tell(index, node)
        }
    }

    /// The next client in turn that has nothing under way.
    private mutating func idleClient(_ index: Int) -> Int? {
        for _ in 0..<workloads[index].clientCount {
            let client = workloads[index].firstClient + workloads[index].nextClient
            workloads[index].nextClient = (workloads[index].nextClient + 1) % workloads[index].clientCount
            if watcher.clients.isIdle(client, at: simulation.now) { return client }
        }
        return nil
    }

    /// Bits for one question about the current operation of a workload.
    private func bits(_ index: Int, _ question: UInt64) -> UInt64 {
        random.bits(.client, UInt64(UInt(bitPattern: index)), workloads[index].operationCount, question)
    }

    /// The node the client turns to: one of those that are up.
    private func node(for index: Int, _ bits: UInt64) -> NodeID? {
        var scope = TargetScope(statement: -3 - index)
        let nodes = resolve(workloads[index].workload.target ?? .all, &scope).filter {
            simulation.status(of: $0) == .running
        }
        guard !nodes.isEmpty else { return nil }
        return nodes[Int(Random.number(below: UInt64(UInt(bitPattern: nodes.count)), from: bits))]
    }

    private func key(_ index: Int) -> Bytes {
        let state = workloads[index]
        let bits = bits(index, 2)
        guard let total = state.zipf.last else {
            return Bytes("k\(Random.number(below: UInt64(UInt(bitPattern: state.keyCount)), from: bits))")
        }
        let point = Random.number(below: total, from: bits)
        var low = 0
        var high = state.zipf.count - 1
        while low < high {
            let middle = (low + high) >> 1
            if state.zipf[middle] <= point { low = middle + 1 } else { high = middle }
        }
        return Bytes("k\(low)")
    }

    /// A value that no other operation writes, padded to the stated size.
    private func value(_ index: Int) -> Bytes {
        var value = Bytes("v\(index).\(workloads[index].operationCount)")
        let size = Int(clamping: workloads[index].workload.valueSize?.value.bytes ?? 0)
        while value.count < size { value.storage.append(46) }
        return value
    }

    private func operation(_ index: Int) -> Scenario.Operation {
        let mix = workloads[index].workload.mix
        guard !mix.isEmpty else {
            switch workloads[index].workload.kind {
            case .gossip: return .set
            case .broadcast: return .broadcast
            case .kv, .propose: break
            }
            return Random.isHit(.percent(50), from: bits(index, 3)) ? .put : .get
        }
        var point = Int64(Random.number(below: 1_000_000, from: bits(index, 3)))
        for entry in mix {
            point -= entry.share.millionths
            if point < 0 { return entry.operation }
        }
        return mix[mix.count - 1].operation
    }

    private mutating func operate(_ index: Int, _ client: Int, _ node: NodeID) {
        let key = key(index)
        let operation: KeyValueStore.Operation
        switch self.operation(index) {
        case .put, .set, .broadcast, .send: operation = .put(key: key, value: value(index))
        case .get: operation = .get(key: key)
        case .delete: operation = .delete(key: key)
        case .cas:
            let expected = watcher.clients.lastRead(by: client, key)
            operation = .compareAndSwap(key: key, expected: expected, value: value(index))
        }
        ask(operation, index, client, node)
    }

    private mutating func propose(_ index: Int, _ client: Int, _ node: NodeID) {
        ask(.put(key: "proposal", value: value(index)), index, client, node)
    }

    /// Lets a client turn to a node with an operation; one that works in a session opens it first.
    private mutating func ask(_ wanted: KeyValueStore.Operation, _ index: Int, _ client: Int, _ node: NodeID) {
        let workload = workloads[index].workload
        let hasSession = workload.sessions == true && wanted.isWrite
        let operation = hasSession && watcher.clients.lacksSession(client) ? .openSession : wanted
        let stamp = hasSession ? watcher.clients.nextStamp(of: client) : nil
        let number = ClientBook.request(client: client, operation: workloads[index].operationCount)
        let request = KeyValueStore.Request(id: number, operation, in: stamp)
        let occasion = Occasion(event: simulation.eventCount + 1, time: simulation.now, node: node)
        watcher.clients.asked(
            request, workload.reads ?? .log, isPersistent: workload.retry != nil, occasion)
        watcher.exactlyOnce?.asked(number, occasion)
        submit(client, node)
        if let retry = workload.retry {
            agenda.add(.retry(index, client: client, request: number), at: simulation.now + retry.value)
        }
    }

    /// Lets a client that still waits ask again.
    mutating func performRetry(_ index: Int, _ client: Int, _ request: UInt64) {
        guard let retry = workloads[index].workload.retry,
            let operation = watcher.clients.operation(of: client), operation.request.id == request,
            !watcher.clients.isIdle(client, at: simulation.now)
        else { return }
        agenda.add(.retry(index, client: client, request: request), at: simulation.now + retry.value)
        let moment = UInt64(bitPattern: simulation.now.nanoseconds)
        guard let node = node(for: index, random.bits(.client, request, moment, 4)) else { return }
        watcher.clients.askedAgain(client, node)
        submit(client, node)
    }

    /// Hands what a client asks for to the node it turns to.
    private mutating func submit(_ client: Int, _ node: NodeID) {
        guard let operation = watcher.clients.operation(of: client) else { return }
        watcher.metrics.proposals += 1
        let command: MeshNode.Command
        if case (.get(let key), .index) = (operation.request.operation, operation.path) {
            command = .read(key: key, id: operation.request.id)
        } else {
            command = .submit(operation.request)
        }
        simulation.command(command, at: node, observing: &watcher)
    }

    private mutating func gossip(_ index: Int, _ node: NodeID) {
        let command: Gossip.Command
        switch operation(index) {
        case .delete: command = .delete(key: key(index))
        case .set, .put, .get, .cas, .broadcast, .send: command = .set(key: key(index), value: value(index))
        }
        simulation.command(.gossip(command), at: node, observing: &watcher)
    }

    /// Lets a node tell everybody something, or one other node that is not drawn from those that are up only.
    private mutating func tell(_ index: Int, _ node: NodeID) {
        let wanted = operation(index)
        if wanted == .broadcast, scenario.cluster.protocols.plumtree {
            let command = Plumtree.Command.broadcast(value(index))
            simulation.command(.plumtree(command), at: node, observing: &watcher)
            return
        }
        let command: Broadcast.Command
        if wanted == .send {
            let count = UInt64(UInt(simulation.nodeCount))
            let other = NodeID(1 + Random.number(below: count, from: bits(index, 5)))
            command = .send(value(index), to: other)
        } else {
            command = .broadcast(value(index))
        }
        simulation.command(.broadcast(command), at: node, observing: &watcher)
    }
}
