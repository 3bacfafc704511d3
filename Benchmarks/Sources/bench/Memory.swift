import Foundation

/// How many bytes of this process are in memory, in whole pages.
func residentBytes() -> Int64 {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int64(fields[1]) ?? 0) * 4_096 : 0
}
