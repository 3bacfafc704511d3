// The three things a pure run needs of a host under wasm32: text in, text out, and a place for a trap's last words.
// Memory comes from wasi-libc's allocator, which imports nothing.

struct Slice {
    var base: UInt32
    var count: UInt32
}

@_extern(wasm, module: "wasi_snapshot_preview1", name: "fd_read")
@_extern(c)
func fd_read(
    _ file: Int32, _ slices: UnsafeRawPointer, _ sliceCount: Int32, _ done: UnsafeMutableRawPointer
) -> Int32

@_extern(wasm, module: "wasi_snapshot_preview1", name: "fd_write")
@_extern(c)
func fd_write(
    _ file: Int32, _ slices: UnsafeRawPointer, _ sliceCount: Int32, _ done: UnsafeMutableRawPointer
) -> Int32

/// Reads standard input to its end.
func readAll() -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            var slice = Slice(base: UInt32(UInt(bitPattern: bytes.baseAddress)), count: UInt32(bytes.count))
            var done: UInt32 = 0
            let status = unsafe fd_read(0, &slice, 1, &done)
            return status == 0 ? Int(done) : 0
        }
        if count == 0 { return all }
        all.append(contentsOf: buffer[..<count])
    }
}

/// Writes text to a file descriptor.
func write(_ text: String, to file: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { bytes in
            var slice = Slice(base: UInt32(UInt(bitPattern: bytes.baseAddress)), count: UInt32(bytes.count))
            var done: UInt32 = 0
            let status = unsafe fd_write(file, &slice, 1, &done)
            return status == 0 ? Int(done) : 0
        }
        if count == 0 { return }
        rest = rest.dropFirst(count)
    }
}

/// What the standard library calls, byte by byte, to print a trap's message.
@_cdecl("putchar")
public func putchar(_ character: Int32) -> Int32 {
    write(String(decoding: [UInt8(truncatingIfNeeded: character)], as: UTF8.self), to: 2)
    return character
}

/// Where the host starts the program.
@_cdecl("_start")
public func start() {
    write(answer(to: readAll()), to: 1)
}

/// The low 128 bits of a product, which a checked multiplication of 64-bit words needs where words have 32 bits.
///
/// A part of every C compiler's run-time library; the toolchain brings none for wasm32.
@_cdecl("__multi3")
public func multiply(
    _ product: UnsafeMutablePointer<UInt64>, _ leftLow: UInt64, _ leftHigh: UInt64, _ rightLow: UInt64,
    _ rightHigh: UInt64
) {
    let mask: UInt64 = 0xffff_ffff
    let low = (leftLow & mask) &* (rightLow & mask)
    let first = (leftLow >> 32) &* (rightLow & mask) &+ (low >> 32)
    let second = (leftLow & mask) &* (rightLow >> 32) &+ (first & mask)
    let high = (leftLow >> 32) &* (rightLow >> 32) &+ (first >> 32) &+ (second >> 32)
    unsafe product[0] = (second << 32) | (low & mask)
    unsafe product[1] = high &+ leftLow &* rightHigh &+ leftHigh &* rightLow
}
