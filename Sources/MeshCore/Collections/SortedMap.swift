/// A map whose iteration order is the order of its keys, on every machine and in every process.
///
/// A sorted array: lookups cost O(log n), insertions and removals in the middle move O(n) elements, walking it is as
/// fast as walking an array. Use it instead of `Dictionary`, whose order differs from process to process.
public struct SortedMap<Key: Comparable, Value> {
    /// The keys in ascending order.
    @usableFromInline var sortedKeys: [Key]
    /// The values, in the order of their keys.
    @usableFromInline var mappedValues: [Value]

    /// Creates an empty map.
    @inlinable
    public init() {
        self.sortedKeys = []
        self.mappedValues = []
    }

    /// The keys in ascending order.
    @inlinable
    public var keys: [Key] { sortedKeys }

    /// The values, in the order of their keys.
    @inlinable
    public var values: [Value] { mappedValues }

    /// How many keys the map holds.
    @inlinable
    public var count: Int { sortedKeys.count }

    /// Whether the map is empty.
    @inlinable
    public var isEmpty: Bool { sortedKeys.isEmpty }

    /// The position of a key, or where it would have to be inserted.
    ///
    /// - Complexity: O(log `count`).
    @inlinable
    public func position(of key: Key) -> (index: Int, isPresent: Bool) {
        var low = 0
        var high = sortedKeys.count
        while low < high {
            let middle = (low + high) >> 1
            if sortedKeys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return (low, low < sortedKeys.count && !(key < sortedKeys[low]))
    }

    /// The value of a key; assigning `nil` removes it.
    ///
    /// - Complexity: O(log `count`) to read, O(`count`) to insert or remove.
    @inlinable
    public subscript(key: Key) -> Value? {
        get {
            let (index, isPresent) = position(of: key)
            return isPresent ? mappedValues[index] : nil
        }
        set {
            let (index, isPresent) = position(of: key)
            if let newValue {
                if isPresent {
                    mappedValues[index] = newValue
                } else {
                    sortedKeys.insert(key, at: index)
                    mappedValues.insert(newValue, at: index)
                }
            } else if isPresent {
                sortedKeys.remove(at: index)
                mappedValues.remove(at: index)
            }
        }
    }

    /// The value of a key, or `fallback`; changing it in place inserts it.
    @inlinable
    public subscript(key: Key, default fallback: @autoclosure () -> Value) -> Value {
        get {
            let (index, isPresent) = position(of: key)
            return isPresent ? mappedValues[index] : fallback()
        }
        _modify {
            let (index, isPresent) = position(of: key)
            if !isPresent {
                sortedKeys.insert(key, at: index)
                mappedValues.insert(fallback(), at: index)
            }
            yield &mappedValues[index]
        }
    }

    /// Whether the map holds a key.
    @inlinable
    public func contains(_ key: Key) -> Bool { position(of: key).isPresent }

    /// Changes the value at a position in place.
    ///
    /// - Parameters:
    ///   - index: A position below ``count``.
    ///   - body: Changes the value.
    @inlinable
    public mutating func updateValue<Result>(at index: Int, _ body: (inout Value) -> Result) -> Result {
        body(&mappedValues[index])
    }

    /// Removes a key and returns its value.
    ///
    /// - Complexity: O(`count`).
    @inlinable
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        let (index, isPresent) = position(of: key)
        guard isPresent else { return nil }
        sortedKeys.remove(at: index)
        return mappedValues.remove(at: index)
    }

    /// Removes everything.
    @inlinable
    public mutating func removeAll() {
        sortedKeys.removeAll()
        mappedValues.removeAll()
    }
}

extension SortedMap: Sendable where Key: Sendable, Value: Sendable {}
extension SortedMap: Equatable where Value: Equatable {}
extension SortedMap: Hashable where Key: Hashable, Value: Hashable {}
