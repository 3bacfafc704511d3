import Glibc

// The log on real files. See docs/storage.md for figures.

let usage = """
    Measures the log on real files.

      storage-bench throughput FOLDER [--rounds N] [--commits N] [--size N --group N] [--json]
          records of 128 bytes and 4 KiB in groups of 1, 16 and 256: beside a bare loop of pwrite and fdatasync of the
          same bytes, and beside SQLite in WAL mode with synchronous=FULL, in turns
      storage-bench write FOLDER [--mib N] [--size N]
          writes a log of N MiB (1024) in records of N bytes (1000)
      storage-bench recover FOLDER
          reads it back: time, processor time, memory

    FOLDER is made and must not be there yet (recover: must be there). `Benchmarks/peers/files/run` does all of it.
    """

var words = CommandLine.arguments.dropFirst()

func option(_ name: String, or fallback: Int) -> Int {
    let words = CommandLine.arguments
    guard let place = words.firstIndex(of: name) else { return fallback }
    guard place + 1 < words.endIndex, let number = Int(words[place + 1]), number > 0 else {
        fail("\(name) takes a number above 0")
    }
    return number
}

guard words.count >= 2, let verb = words.popFirst(), let folder = words.popFirst() else {
    print(usage)
    exit(2)
}
switch verb {
case "throughput":
    guard unsafe mkdir(folder, 0o755) == 0 else { fail("\(folder): is there already, or cannot be made") }
    let isJSON = words.contains("--json")
    if !isJSON { print("SQLite \(SQLite.version)") }
    let only = words.contains("--size") ? Case(size: option("--size", or: 128), group: option("--group", or: 16)) : nil
    Throughput.run(
        folder, rounds: option("--rounds", or: 8), commits: option("--commits", or: 25), only: only, isJSON: isJSON)
case "write": Recovery.write(folder, bytes: option("--mib", or: 1_024) << 20, size: option("--size", or: 1_000))
case "recover": Recovery.read(folder)
case _:
    print(usage)
    exit(2)
}
