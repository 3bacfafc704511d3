public import MeshCore
import Simulator

/// What two runs have in common that failed in the same way: the promise they broke, and how, without the numbers.
///
/// `n2 voted for n1 and for n3 in term 5` and `n1 voted for n3 and for n2 in term 8` are the same shape,
/// `n# voted for n# and for n# in term #`.
public struct FailureSignature: Equatable, Sendable, CustomStringConvertible {
    /// The name of the broken promise.
    public let promise: Bytes

    /// How it was broken, with `#` for every number, and for an expectation what was expected.
    public let shape: Bytes

    /// Creates a signature that was written down.
    public init(promise: Bytes, shape: Bytes) {
        self.promise = promise
        self.shape = shape
    }

    /// Creates the signature of a run that broke something; `nil` for one that did not.
    public init?(_ report: Report) {
        guard let violation = report.violation else { return nil }
        promise = violation.promise.key
        var text: [UInt8] = []
        if violation.promise == Promises.expectation, let claim = Self.brokenClaim(report) {
            text += Array(claim.description.utf8) + Array(": ".utf8)
        }
        shape = Self.shape(of: text + Array(violation.text.utf8))
    }

    private static func brokenClaim(_ report: Report) -> Scenario.Claim? {
        for outcome in report.outcomes {
            if case .broken = outcome.judgement { return outcome.expectation.claim }
        }
        return nil
    }

    /// A number that stands for the signature, the same in every process.
    public var digest: UInt64 {
        var digest = Digest()
        digest.mix(promise)
        digest.mix(shape)
        return digest.value
    }

    /// A name for a folder: the promise and eight digits.
    public var name: String {
        var digits: [UInt8] = []
        for place in 0..<UInt64(8) { digits.append(hexadecimalDigit(UInt8(digest >> (60 - 4 * place) & 15))) }
        return "\(promise)-\(String(decoding: digits, as: UTF8.self))"
    }

    /// The promise and the shape.
    public var description: String { "\(promise): \(shape)" }

    /// The text with every number, and every list of such, replaced by one `#`, and with quotations left out.
    private static func shape(of text: [UInt8]) -> Bytes {
        var shape: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            if isDigit(byte) {
                while index < text.count, isDigit(text[index]) || isUnit(text, index) { index += 1 }
                shape.append(35)
            } else if byte == 34 {
                index += 1
                while index < text.count, text[index] != 34 { index += 1 }
                index += 1
                shape += [34, 35, 34]
            } else {
                shape.append(byte)
                index += 1
            }
        }
        return Bytes(withoutRepetitions(shape))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    /// A point inside a number, or the unit behind it.
    private static func isUnit(_ text: [UInt8], _ index: Int) -> Bool {
        let byte = text[index]
        if byte == 46 { return index + 1 < text.count && isDigit(text[index + 1]) }
        return byte >= 97 && byte <= 122 || byte == 37
    }

    /// `n#, n# and n#` becomes `n#`: how many were involved is no part of a shape.
    private static func withoutRepetitions(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            var isRepetition = false
            for joint in [", n#", " and n#"] {
                let pattern = Array(joint.utf8)
                guard result.count >= 2, result[result.count - 1] == 35, result[result.count - 2] == 110,
                    index + pattern.count <= text.count
                else { continue }
                if Array(text[index..<index + pattern.count]) == pattern {
                    index += pattern.count
                    isRepetition = true
                    break
                }
            }
            if isRepetition { continue }
            result.append(text[index])
            index += 1
        }
        return result
    }
}
