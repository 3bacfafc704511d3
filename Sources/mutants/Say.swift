#if MUTANTS
import Foundation

/// Prints a line at once, also into a file.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
#endif
