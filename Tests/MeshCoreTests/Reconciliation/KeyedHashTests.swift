import MeshCore
import Testing

/// The first sixteen of the sixty-four published vectors, for a key and texts that count up from 0.
///
/// Source: Aumasson and Bernstein, `vectors_sip64` of the reference implementation; the last is the paper's appendix A.
private let published: [UInt64] = [
    0x726f_db47_dd0e_0e31, 0x74f8_39c5_93dc_67fd, 0x0d6c_8009_d9a9_4f5a, 0x8567_6696_d7fb_7e2d,
    0xcf27_94e0_2771_87b7, 0x1876_5564_cd99_a68d, 0xcbc9_466e_58fe_e3ce, 0xab02_00f5_8b01_d137,
    0x93f5_f579_9a93_2462, 0x9e00_82df_0ba9_e4b0, 0x7a5d_bbc5_94dd_b9f3, 0xf4b3_2f46_226b_ada7,
    0x751e_8fbc_860e_e5fb, 0x14ea_5627_c084_3d90, 0xf723_ca90_8e7a_f2ee, 0xa129_ca61_49be_45e5,
]

@Suite("The keyed hash")
struct KeyedHashTests {
    @Test("It is SipHash-2-4")
    func vectors() {
        let key = KeyedHash.Key(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        for (length, expected) in published.enumerated() {
            #expect(KeyedHash.hash(Bytes((0..<length).map { UInt8($0) }), key) == expected)
        }
    }

    @Test("Every bit of the key and of the text changes about half of the hash")
    func avalanche() {
        let text: [UInt8] = Array("a text of some length".utf8)
        let key = KeyedHash.Key(1, 2)
        let hash = KeyedHash.hash(Bytes(text), key)
        for bit in 0..<64 as Range<UInt64> {
            let other = KeyedHash.hash(Bytes(text), KeyedHash.Key(1 ^ 1 << bit, 2))
            #expect((12...52).contains((hash ^ other).nonzeroBitCount))
        }
        for place in text.indices {
            var changed = text
            changed[place] ^= 1
            #expect((12...52).contains((hash ^ KeyedHash.hash(Bytes(changed), key)).nonzeroBitCount))
        }
    }
}
