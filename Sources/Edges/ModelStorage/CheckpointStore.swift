package import Embeddings
import Kernels

/// The states of trainings under way: a folder a run, in it one file a fit, each replaced whole.
///
///     <run>/<fit>.safetensors
///
/// A file carries a checksum of its tensors, so that a damaged one is refused. All calls block on
/// the disk.
package struct CheckpointStore: Sendable {
    private static let checksumName = "checksum"
    private static let ending = ".safetensors"

    private let root: StorePath

    /// - Parameter path: made when the first state is kept.
    package init(at path: String) { root = StorePath(root: path) }

    /// Replaces the fit's state: a crash at any moment leaves the old one or the new.
    package func write(
        _ tensors: [Tensor],
        run: Int64,
        fit: String
    ) throws(ModelStoreError) {
        let folder = folder(of: run)
        try StoreFolders.make(folder)
        let aside = folder.appending("\(fit).new")
        try StoreFolders.removeTree(aside)
        let sum = Tensor(Self.checksumName, shape: [1], int64s: [Self.checksum(of: tensors)])
        _ = try SafetensorsFile.write(tensors + [sum], to: aside)
        try renameFile(aside, to: folder.appending(fit + Self.ending))
        try StoreFolders.sync(folder)
    }

    /// The fit's state as it was last kept; empty where none was. Throws `corrupt` for a damaged one.
    package func read(run: Int64, fit: String) throws(ModelStoreError) -> [Tensor] {
        let path = folder(of: run).appending(fit + Self.ending)
        guard StoreFolders.exists(path) else { return [] }
        var tensors = try SafetensorsFile.read(OpenFile(path, .read).map(), at: path)
        let sums = tensors.filter { $0.name == Self.checksumName }
        tensors.removeAll { $0.name == Self.checksumName }
        guard sums.count == 1, sums[0].element == .int64,
            sums[0].int64s() == [Self.checksum(of: tensors)]
        else { throw .corrupt(path, "the checksum is not that of the tensors") }
        return tensors
    }

    /// Removes the state of a fit.
    package func remove(run: Int64, fit: String) throws(ModelStoreError) {
        try StoreFolders.removeTree(folder(of: run).appending(fit + Self.ending))
    }

    /// Removes all states of a run.
    package func remove(run: Int64) throws(ModelStoreError) {
        try StoreFolders.removeTree(folder(of: run))
    }

    /// Removes what runs left that are not among `runs`.
    package func removeAll(but runs: Set<Int64>) throws(ModelStoreError) {
        guard StoreFolders.exists(root) else { return }
        for name in try StoreFolders.names(in: root) where Int64(name).map(runs.contains) == false {
            try StoreFolders.removeTree(root.appending(name))
        }
    }

    private func folder(of run: Int64) -> StorePath { root.appending("\(run)") }

    /// CRC-32C of names, elements, shapes and numbers, in the order of the names.
    private static func checksum(of tensors: [Tensor]) -> Int64 {
        let sum = tensors.sorted { $0.name < $1.name }.reduce(0 as UInt32) { sum, tensor in
            let title = Array("\(tensor.name) \(tensor.element.rawValue) \(tensor.shape)".utf8)
            let titled = title.withRawBytes { CRC32C.checksum(of: $0, after: sum) }
            return tensor.withBytes { CRC32C.checksum(of: $0, after: titled) }
        }
        return Int64(sum)
    }
}
