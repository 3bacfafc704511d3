// Membership at scale: joining, idling, crashes, slow members, a long partition. See docs/membership.md.
//
//   swim-scale join 100,1000 [--seeds 5]
//   swim-scale idle 100,1000,5000 [--seconds 20] [--seeds 5]
//   swim-scale crash 100,1000 [--crashes 100]
//   swim-scale slow 1000 [--seconds 300] [--seeds 1] [--awake MS] [--longest MS]
//   swim-scale split 1000 [--seconds 600]

import Glibc
import MeshCore
import Simulator

let words = Array(CommandLine.arguments.dropFirst())

func option(_ name: String, _ usual: Int) -> Int {
    guard let place = words.firstIndex(of: name), place + 1 < words.count else { return usual }
    return Int(words[place + 1]) ?? usual
}

let sizes = words.count > 1 ? words[1].split(separator: ",").compactMap { Int($0) } : []
guard let chapter = words.first, !sizes.isEmpty else {
    print("usage: swim-scale join|idle|crash|slow|split SIZES [--seeds N] [--seconds S] [--crashes N]")
    exit(64)
}
for size in sizes {
    switch chapter {
    case "join": joining(size, seeds: option("--seeds", 5))
    case "idle": idling(size, seeds: option("--seeds", 5), seconds: option("--seconds", 20))
    case "crash": crashing(size, crashes: option("--crashes", 100))
    case "slow":
        slowness(
            size, seeds: option("--seeds", 1), seconds: option("--seconds", 300), awake: Int64(option("--awake", 40)),
            longest: Int64(option("--longest", 10_000)))
    case "split": splitting(size, seconds: option("--seconds", 600))
    default:
        print("swim-scale: no chapter \"\(chapter)\"")
        exit(64)
    }
}
