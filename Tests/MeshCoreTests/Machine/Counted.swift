/// Counts the live objects of a test.
final class Counter {
    var alive = 0
}

/// An object whose life is counted, to find leaks and double releases.
final class Counted {
    let counter: Counter

    init(_ counter: Counter) {
        self.counter = counter
        counter.alive += 1
    }

    deinit { counter.alive -= 1 }
}
