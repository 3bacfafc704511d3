import Foundation
import MeshCore
import MeshRuntime
import Testing

/// Whether this user may mount a file system of its own, for a moment and for itself.
private let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]
    process.standardError = Pipe()
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}()

@Suite("A log on a disk or in a process that fails it")
struct HostileDiskTests {
    @Test("Killed at any moment again and again, it loses nothing that was told durable", arguments: [false, true])
    func killed(inMemory: Bool) throws {
        let folder = try TemporaryFolder(inMemory: inMemory)
        var told: UInt64 = 0
        var found: UInt64 = 0
        var random = SystemRandomNumberGenerator()
        for round in 0..<(inMemory ? 100 : 20) {
            // Small segments, images and groups, so that every kind of operation is hit.
            let writer = try LogWriter(
                folder.path, "--segment", "8192", "--image", "30000", "--group", "\(1 + round % 9)", "--compact", "300",
                "--overlap", "\(round & 1)")
            writer.wait(for: "found")
            usleep(UInt32.random(in: 0...40_000, using: &random))
            told = max(told, writer.kill() ?? 0)
            // Every tenth time the log is looked at here, otherwise the next writer goes on with it.
            guard round % 10 == 9 else { continue }
            let driver = try LogDriver<MeshNode.Stable>(opening: folder.path)
            found = driver.log.stable.raft.log.lastIndex.rawValue
            #expect(found >= told, "round \(round): \(told) was told durable, \(found) came back")
            #expect(driver.log.stable.raft.isAsWritten, "round \(round)")
        }
        #expect(found > (inMemory ? 1_000 : 20), "the writers got on")
    }

    @Test("A process that may not write larger files stops with the reason; what was told durable is there")
    func limited() throws {
        let folder = try TemporaryFolder()
        // Segments fit; the image does not.
        let result = try LogWriter(
            shell: "ulimit -f 100; exec \"$@\"", folder.path, "--segment", "65536", "--image", "150000", "--compact",
            "100000000", "--group", "20"
        ).finish()
        #expect(result.status == 1)
        #expect(result.error.contains("may not write files of that size; raise its limit (ulimit -f)"))
        let driver = try LogDriver<MeshNode.Stable>(opening: folder.path)
        #expect(driver.log.stable.raft.log.lastIndex.rawValue >= result.durable ?? .max)
        #expect(driver.log.stable.raft.isAsWritten)
        #expect(driver.report.leftovers.map(\.reason) == [.unfinishedImage])
    }

    @Test("A full disk stops it with the reason; what was told durable is there", .enabled(if: canMount))
    func full() throws {
        let folder = try TemporaryFolder()
        // What the small disk holds at the end is copied out of the writer's own mounts.
        let script = """
            exec unshare -rm bash -c '
                mount -t tmpfs -o size=1m none "$2" || exit 9
                "$@"
                status=$?
                mkdir "$2.copy" && cp "$2"/* "$2.copy/"
                exit $status' bash "$@"
            """
        let result = try LogWriter(shell: script, folder.path, "--segment", "65536", "--compact", "100000000").finish()
        let copy = folder.path + ".copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        #expect(result.status == 1)
        #expect(result.error.contains("the disk or the quota is full; free some space and start again"))
        let driver = try LogDriver<MeshNode.Stable>(opening: copy)
        #expect(driver.log.stable.raft.log.lastIndex.rawValue >= result.durable ?? .max)
        #expect(driver.log.stable.raft.isAsWritten && result.durable ?? 0 > 100)
    }

    @Test("A read-only disk is refused at once, with the reason", .enabled(if: canMount))
    func readOnly() throws {
        let folder = try TemporaryFolder()
        let script = """
            exec unshare -rm bash -c '
                mount -t tmpfs -o size=1m,ro none "$2" && exec "$@"' bash "$@"
            """
        let result = try LogWriter(shell: script, folder.path, "--records", "5").finish()
        #expect(result.status == 1 && result.durable == nil)
        #expect(result.error.contains("the file system is read-only; mount it for writing, or use another folder"))
    }

    @Test("A folder of another user is refused at once, with the reason", .enabled(if: getuid() == 0))
    func permission() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
        let script = "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\""
        let result = try LogWriter(shell: script, folder.path, "--records", "5").finish()
        #expect(result.status == 1 && result.durable == nil)
        #expect(result.error.contains("permission is denied; the folder has to belong to this user"))
    }

    @Test("Every file cut short or flipped is cut at a torn tail, or refused with file and offset; it never traps")
    func damaged() throws {
        let folder = try TemporaryFolder(inMemory: true)
        let settings = ["--segment", "4096", "--image", "12000", "--records", "150", "--compact", "50"]
        let written = try LogWriter(
            shell: "exec \"$@\" " + settings.joined(separator: " "), folder.path
        ).finish()
        #expect(written.durable == 150)
        var cuts = 0
        var refusals = 0
        var unharmed = 0
        let files = try FileDirectory.reading(folder.path).files()
        for (number, file) in files.enumerated() {
            let path = URL(fileURLWithPath: "\(folder.path)/\(file)")
            let whole = try Data(contentsOf: path)
            for step in 0..<24 {
                var damaged = whole
                let place = (step * 2_654_435 + number * 97) % whole.count
                if step % 3 == 0 {
                    damaged = damaged.prefix(place)
                } else {
                    damaged[place] ^= 1 << UInt8(step % 8)
                }
                try damaged.write(to: path)
                do {
                    let found = try WriteAheadLog<MeshNode.Stable>.recover(
                        from: try FileDirectory.reading(folder.path), settings: Storage.Settings())
                    let last = found.log.stable.raft.log.lastIndex.rawValue
                    #expect(found.log.stable.raft.isAsWritten && last <= 150)
                    if last < 150 { cuts += 1 } else { unharmed += 1 }
                } catch let error as Storage.Failure {
                    guard case .damaged = error else {
                        Issue.record("\(error)")
                        continue
                    }
                    refusals += 1
                }
            }
            try whole.write(to: path)
        }
        #expect(refusals > 0 && unharmed > 0, "\(cuts) cuts, \(refusals) refusals, \(unharmed) unharmed")
    }
}
