import LogFuzz

/// What libFuzzer calls with every input it makes up.
///
/// The pointer is libFuzzer's and lives until the call returns; the bytes are copied.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    if let broken = LogFuzz.brokenPromise(of: Folder(input: input)) { fatalError(broken) }
    return 0
}
