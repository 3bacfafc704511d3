import MeshCore

/// One machine driven by hand: every input returns its effects.
struct Driver<Machine: StateMachine> {
    var machine: Machine
    var now = Instant.zero

    /// What followed from one input.
    struct Effects {
        var sent: [(message: Machine.Message, peer: NodeID)] = []
        var outputs: [Machine.Output] = []
        var timers: [Machine.Timer] = []
    }

    init(_ machine: Machine) {
        self.machine = machine
        step(.restarted)
    }

    @discardableResult
    mutating func step(_ input: Input<Machine>) -> Effects {
        var outbox = Outbox<Effect<Machine>>()
        machine.step(input, at: now, into: &outbox)
        var effects = Effects()
        outbox.drain { effect in
            switch effect {
            case .send(let message, to: let peer): effects.sent.append((message, peer))
            case .output(let output): effects.outputs.append(output)
            case .setTimer(let timer, at: _): effects.timers.append(timer)
            case .cancelTimer, .persist: break
            }
        }
        return effects
    }

    @discardableResult
    mutating func receive(_ message: Machine.Message, from peer: UInt64) -> Effects {
        step(.receive(message, from: NodeID(peer)))
    }

    @discardableResult
    mutating func command(_ command: Machine.Command) -> Effects { step(.command(command)) }

    @discardableResult
    mutating func fire(_ timer: Machine.Timer) -> Effects { step(.timer(timer)) }
}

func nodes(_ numbers: ClosedRange<UInt64>) -> [NodeID] { numbers.map { NodeID($0) } }
