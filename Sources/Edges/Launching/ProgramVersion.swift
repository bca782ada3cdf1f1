/// The version that every program of this package reports.
package enum ProgramVersion {
    /// Semantic version; the wire protocol has its own number in the envelope.
    package static let number = "0.1.0"
}
