/// The directory of a log, to read from; a log is read before the node starts, so these calls answer at once.
public protocol StorageDirectory {
    /// The log's files that are there, in any order.
    func files() throws(Storage.Failure) -> [Storage.File]

    /// The size of a file in bytes.
    func byteCount(of file: Storage.File) throws(Storage.Failure) -> Int64

    /// Reads bytes from an offset; fewer only at the end of the file.
    func read(_ file: Storage.File, at offset: Int64, count: Int) throws(Storage.Failure) -> [UInt8]
}
