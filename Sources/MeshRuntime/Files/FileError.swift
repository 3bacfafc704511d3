import Glibc
public import MeshCore

/// Why a log's folder cannot be used, and the way out.
public enum FileError: Error, Hashable, Sendable {
    /// Another process holds the folder.
    case locked(folder: String, process: Int32?)
    /// There is no such folder or file.
    case missing(path: String)
    /// The path leads to something else than a folder.
    case notAFolder(path: String)
    /// The file system is mounted read-only.
    case readOnly(path: String)
    /// This user may not do that.
    case permission(path: String)
    /// The disk, or the user's quota, is full.
    case full(path: String)
    /// The process may not write files of that size.
    case tooLarge(path: String)
    /// The process has no descriptor left.
    case descriptors(path: String)
    /// The system reports another error, by its number.
    case system(path: String, number: Int32)
    /// What is in the folder cannot be read as a log, or a log of it has stopped.
    case storage(folder: String, Storage.Failure)
    /// The settings describe no log that could work.
    case settings(Storage.SettingsError)

    /// Sorts what the system reported.
    ///
    /// - Parameter number: The value of `errno`.
    public init(_ number: Int32, at path: String) {
        switch number {
        case ENOENT: self = .missing(path: path)
        case ENOTDIR: self = .notAFolder(path: path)
        case EROFS: self = .readOnly(path: path)
        case EACCES, EPERM: self = .permission(path: path)
        case ENOSPC, EDQUOT: self = .full(path: path)
        case EFBIG: self = .tooLarge(path: path)
        case EMFILE, ENFILE: self = .descriptors(path: path)
        default: self = .system(path: path, number: number)
        }
    }

    /// The same for a log, which knows fewer reasons.
    public var failure: Storage.Failure {
        switch self {
        case .full, .tooLarge: .full
        case .storage(_, let failure): failure
        case .locked, .missing, .notAFolder, .readOnly, .permission, .descriptors, .system, .settings: .device
        }
    }
}

extension FileError: CustomStringConvertible {
    /// The reason and the way out, as a sentence.
    public var description: String {
        switch self {
        case .locked(let folder, let process?):
            "\(folder): process \(process) holds this log; stop it first, or use another folder"
        case .locked(let folder, nil):
            "\(folder): another process holds this log; stop it first, or use another folder"
        case .missing(let path): "\(path): there is no such file or folder"
        case .notAFolder(let path): "\(path): is no folder; a log is a folder of files"
        case .readOnly(let path): "\(path): the file system is read-only; mount it for writing, or use another folder"
        case .permission(let path): "\(path): permission is denied; the folder has to belong to this user"
        case .full(let path):
            "\(path): the disk or the quota is full; free some space and start again, nothing acknowledged is lost"
        case .tooLarge(let path):
            "\(path): the process may not write files of that size; raise its limit (ulimit -f) or use smaller segments"
        case .descriptors(let path): "\(path): the process has no file descriptor left; raise its limit (ulimit -n)"
        case .system(let path, let number): "\(path): \(Self.text(of: number))"
        case .storage(let folder, let failure): "\(folder): \(failure)"
        case .settings(let error): error.description
        }
    }

    /// What the system says about an error.
    private static func text(of number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
