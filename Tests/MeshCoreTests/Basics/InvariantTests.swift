import Foundation
import MeshCore
import Testing

@Suite("Invariants")
struct InvariantTests {
    @Test("A broken invariant stops the program and prints its text, in every build")
    func broken() async throws {
        let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            invariant(1 + 1 == 3, "one and one are three")
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(text.contains("broken invariant: one and one are three"))
    }

    @Test("A kept invariant costs nothing but its condition")
    func kept() {
        var asked = 0
        invariant(
            {
                asked += 1
                return true
            }(), "this holds")
        #expect(asked == 1)
    }
}
