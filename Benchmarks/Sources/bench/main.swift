import Foundation

let options = Options(Array(CommandLine.arguments.dropFirst()))
let benchmarks =
    coreBenchmarks + loopBenchmarks + raftBenchmarks + multiRaftBenchmarks + roundsBenchmarks + clusterBenchmarks
    + snapshotBenchmarks + scenarioBenchmarks + throughputBenchmarks
if options.isListing {
    for benchmark in benchmarks { print(benchmark.name) }
    exit(0)
}

let selected = benchmarks.filter { options.filter.isEmpty || $0.name.contains(options.filter) }
if selected.isEmpty { Options.fail("no benchmark's name contains \(options.filter); --list shows them") }

var groups: [[Benchmark]] = []
for benchmark in selected {
    if let last = groups.last, last.first?.group == benchmark.group {
        groups[groups.count - 1].append(benchmark)
    } else {
        groups.append([benchmark])
    }
}

var measurements: [Measurement] = []
if !options.isJSON { print(Report.header) }
for group in groups {
    let results = Measurement.measure(group, samples: options.samples, scale: options.scale)
    let baseline = results.first { $0.benchmark.isBaseline }
    for result in results {
        print(options.isJSON ? Report.json(result, baseline: baseline) : Report.line(result, baseline: baseline))
    }
    measurements += results
}

let findings = options.thresholds?.findings(in: measurements, all: benchmarks) ?? []
for finding in findings { Options.complain(finding) }
exit(findings.isEmpty ? 0 : 1)
