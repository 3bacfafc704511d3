import Glibc
import MeshCore
import MeshRuntime

/// Writes a large log, and reads it back as a node that starts does.
enum Recovery {
    /// Writes records until their frames have so many bytes, without an image to shorten the log.
    static func write(_ folder: String, bytes: Int, size: Int) {
        var settings = Storage.Settings()
        settings.imageAfterBytes = Int64.max
        do throws(FileError) {
            var driver = try LogDriver<Keep>(opening: folder, settings: settings)
            let record = Bytes([UInt8](repeating: 7, count: size))
            var ticket: UInt64 = 0
            var written = 0
            while written < bytes {
                for _ in 0..<max(1, (1 << 20) / size) {
                    ticket += 1
                    driver.append(Keep.Record(record), Ticket(ticket))
                    written += size + 32
                }
                _ = try driver.commit()
            }
            print("\(ticket) records of \(size) bytes written")
        } catch {
            fail("\(error)")
        }
    }

    /// Reads a log back, and says how long it took and how much memory.
    static func read(_ folder: String) {
        let before = peakKiB()
        let start = nanoseconds(CLOCK_MONOTONIC)
        let processor = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
        do {
            let directory = try FileDirectory.reading(folder)
            let found = try WriteAheadLog<Keep>.recover(from: directory, settings: Storage.Settings())
            let seconds = Double(nanoseconds(CLOCK_MONOTONIC) - start) / 1e9
            let cpu = Double(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - processor) / 1e9
            var bytes: Int64 = 0
            for file in try directory.files() { bytes += try directory.byteCount(of: file) }
            print(
                "\(found.log.stable.count) records of \(found.report.segments) segments, \(bytes >> 20) MiB in "
                    + "\(Throughput.fixed(seconds, 2)) s (\(Throughput.fixed(cpu, 2)) s of processor), "
                    + "\(Int(Double(bytes) / 1e6 / seconds)) MB/s, peak memory \(peakKiB()) KiB (\(before) before)")
        } catch {
            fail("\(error)")
        }
    }

    /// The most memory this process has had, in KiB.
    private static func peakKiB() -> Int {
        var usage = rusage()
        _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }
}
