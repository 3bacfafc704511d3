/// Drives the values of MeshCore on real files: the only library that touches the platform.
///
/// - ``FileDirectory``: a log's folder, locked or only read.
/// - ``FileLane``: does what one lane of a log asks for.
/// - ``LogDriver``: a log on a folder, one call at a time.
public enum MeshRuntime {}
