import MeshCore
import MeshTestKit
import Testing

@Suite("What the decoders are fuzzed with")
struct MessageCorpusTests {
    @Test("Every kind of message has a seed, whatever the run, and each seed decodes to what it was")
    func everyKind() throws {
        for seed in 1...UInt64(3) {
            let corpus = MessageCorpus(seed: seed)
            #expect(corpus.missing == [], "no message of these kinds is sent in the run that seeds are taken from")
            #expect(corpus.counts.count == MeshNode.Message.kinds.count)
            #expect(corpus.frames.count == corpus.counts.reduce(0, +))
            for frame in corpus.frames {
                let message = try Frame.decode(frame, as: MeshNode.Message.self)
                #expect(Frame.encode(message) == frame)
            }
        }
    }
}
