/// The result of a campaign in the XML that continuous integration reads.
///
/// Names never carry a seed, so that a CI can follow one promise over time; the first line of a failure's text is the
/// command that reproduces it, because some show no more than that.
enum JUnit {
    static func text(_ outcome: CampaignOutcome) -> String {
        let record = outcome.record
        let cases =
            outcome.findings.map { failed($0, outcome) } + record.leaks.map { leak($0.seed, $0.file, $0.text) }
            + outcome.cold.map { cold($0) }
        let problems = record.problems.map { problem($0) }
        let passed =
            cases.isEmpty ? ["    <testcase classname=\"mesh fuzz\" name=\"no promise breaks\" time=\"0\"/>"] : []
        let time =
            "\(record.milliseconds / 1_000).\(String(record.milliseconds % 1_000 + 1_000).dropFirst())"
        let counts =
            "tests=\"\(cases.count + problems.count + passed.count)\" failures=\"\(cases.count)\" "
            + "errors=\"\(problems.count)\" skipped=\"0\" time=\"\(time)\""
        var properties: [(String, String)] = [
            ("runs", "\(record.campaign.runs)"), ("first seed", "\(record.plan.firstSeed)"),
            ("campaign digest", record.campaign.digest), ("undecided", "\(record.campaign.undecided)"),
        ]
        if !outcome.isComplete { properties.append(("stopped early", "yes")) }
        for text in outcome.isMerged ? record.missing : [] { properties.append(("missing", text)) }
        if record.campaign.unlisted > 0 { properties.append(("failed, not listed", "\(record.campaign.unlisted)")) }
        let lines =
            [
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(counts)>",
                "  <testsuite name=\"mesh fuzz\" \(counts)>", "    <properties>",
            ]
            + properties.map { "      <property name=\"\($0.0)\" value=\"\(escaped($0.1))\"/>" }
            + ["    </properties>"] + passed + cases + problems + ["  </testsuite>", "</testsuites>", ""]
        return lines.joined(separator: "\n")
    }

    private static func failed(_ finding: CampaignOutcome.Finding, _ outcome: CampaignOutcome) -> String {
        let failure = finding.failure
        let name = escaped("\(failure.promise): \(failure.shape)")
        let place = failure.file ?? "drawn worlds"
        let command = escaped(outcome.command(of: failure))
        return """
                <testcase classname="\(escaped(place))" name="\(name)" time="0">
                  <failure message="\(escaped(failure.text))" type="\(escaped(failure.promise))">\(command)
            \(escaped(outcome.reports[finding.key] ?? failure.text))</failure>
                </testcase>
            """
    }

    private static func cold(_ cold: MarkFile.Cold) -> String {
        """
            <testcase classname="mesh fuzz" name="\(escaped("reached: \(cold.mark.text)"))" time="0">
              <failure message="\(escaped(cold.text))" type="marks">\(escaped(cold.text))</failure>
            </testcase>
        """
    }

    private static func problem(_ text: String) -> String {
        """
            <testcase classname="mesh fuzz" name="everything can be read and written" time="0">
              <error message="\(escaped(text))" type="files"/>
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
