import MeshCore
import Scenarios
import Testing

/// Reads a scenario that must be wrong and shows its errors as the command line does.
func errors(_ text: String) -> String {
    let source = Array(text.utf8)
    do {
        return "no error: \(try Scenario.parse(source))"
    } catch {
        return error.render(source: source, file: "t.mesh")
    }
}

/// The same, behind a head of four lines that is right.
func errorsBelowHead(_ text: String) -> String {
    errors("scenario \"t\"\ncluster\n  nodes 5\n  run mesh\n" + text)
}
