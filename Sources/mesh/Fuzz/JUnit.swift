import Foundation
import MeshCore
import Scenarios
import Simulator

/// The result of a campaign in the XML that continuous integration reads.
///
/// Names never carry a seed, so that a CI can follow one promise over time; the first line of a failure's text is the
/// command that reproduces it, because some show no more than that.
enum JUnit {
    static func text(_ campaign: FuzzCampaign) -> String {
        let cases = campaign.capsules.map { failed($0) } + campaign.leaks.map { leak($0.seed, $0.path, $0.text) }
        let passed =
            cases.isEmpty ? ["    <testcase classname=\"mesh fuzz\" name=\"no promise breaks\" time=\"0\"/>"] : []
        let (seconds, attoseconds) = campaign.wall.components
        let time = "\(seconds).\(String(attoseconds / 1_000_000_000_000_000 + 1_000).dropFirst())"
        let count = cases.count + passed.count
        let counts = "tests=\"\(count)\" failures=\"\(cases.count)\" errors=\"0\" skipped=\"0\" time=\"\(time)\""
        var properties: [(String, String)] = [
            ("runs", "\(campaign.tally.runs)"), ("first seed", "\(campaign.order.first)"),
            ("campaign digest", "\(campaign.tally.digest)"), ("undecided", "\(campaign.tally.undecided)"),
        ]
        if !campaign.isComplete { properties.append(("stopped early", "yes")) }
        let lines =
            [
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(counts)>",
                "  <testsuite name=\"mesh fuzz\" \(counts)>", "    <properties>",
            ]
            + properties.map { "      <property name=\"\($0.0)\" value=\"\(escaped($0.1))\"/>" }
            + ["    </properties>"] + passed + cases + ["  </testsuite>", "</testsuites>", ""]
        return lines.joined(separator: "\n")
    }

    private static func failed(_ capsule: Capsule) -> String {
        let signature = capsule.failure.signature
        let name = escaped("\(signature.promise): \(signature.shape)")
        let message = escaped(capsule.failure.first.violation?.text ?? "")
        let place = capsule.job.path ?? "drawn worlds"
        return """
                <testcase classname="\(escaped(place))" name="\(name)" time="0">
                  <failure message="\(message)" type="\(escaped("\(signature.promise)"))">\(escaped(capsule.command))
            \(escaped(capsule.report))</failure>
                </testcase>
            """
    }

    private static func leak(_ seed: UInt64, _ path: String?, _ text: String) -> String {
        """
            <testcase classname="\(escaped(path ?? "drawn worlds"))" name="the same seed gives the same run" time="0">
              <failure message="not deterministic" type="determinism">seed \(seed)
        \(escaped(text))</failure>
            </testcase>
        """
    }

    /// Text for XML 1.0: what has a meaning is written out, what must not occur is left out.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 32 || scalar.value == 0xfffe || scalar.value == 0xffff: break
            case _: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
