import Testing

/// Built programs, driven as people and services drive them. One after another: they share the
/// machine's cores, and some hold times to a bound.
@Suite("end to end", .serialized, .enabled(if: Programs.areBuilt, Programs.missing))
enum EndToEndTests {}
