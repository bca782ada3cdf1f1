internal import CProtobufC

/// Memory of one message's C structs: handed out in order, freed whole, never beyond its budget.
@safe final class Arena {
    /// Most messages fit, and malloc hands pieces up to 1,032 bytes back without a lock or a search.
    private static let firstChunkByteCount = 1 << 10
    private static let largestChunkByteCount = 1 << 20
    /// What malloc promises too; enough for every C type.
    private static let alignment = 16

    private var chunks: [UnsafeMutableRawPointer] = unsafe []
    private var cursor: UnsafeMutableRawPointer?
    private var chunkBytesLeft = 0
    private var nextChunkByteCount = Arena.firstChunkByteCount
    private var budgetLeft: Int

    /// Whether a request was refused.
    private(set) var isExhausted = false

    init(byteBudget: Int) { budgetLeft = byteBudget }

    deinit {
        unsafe chunks.forEach { unsafe $0.deallocate() }
    }

    /// `byteCount` bytes, uninitialized; nil past the budget.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount >= 0, byteCount <= budgetLeft else {
            isExhausted = true
            return nil
        }
        let rounded = (byteCount + Arena.alignment - 1) & ~(Arena.alignment - 1)
        budgetLeft -= min(rounded, budgetLeft)
        if rounded > chunkBytesLeft { addChunk(atLeast: rounded) }
        let pointer = unsafe cursor
        unsafe cursor = pointer?.advanced(by: rounded)
        chunkBytesLeft -= rounded
        return unsafe pointer
    }

    private func addChunk(atLeast byteCount: Int) {
        let size = max(nextChunkByteCount, byteCount)
        let chunk = UnsafeMutableRawPointer.allocate(
            byteCount: size,
            alignment: Arena.alignment
        )
        unsafe chunks.append(chunk)
        unsafe cursor = chunk
        chunkBytesLeft = size
        nextChunkByteCount = min(nextChunkByteCount * 4, Arena.largestChunkByteCount)
    }

    /// This arena as protobuf-c wants it; valid while the arena lives.
    var allocator: ProtobufCAllocator {
        unsafe ProtobufCAllocator(
            alloc: { context, byteCount in
                guard let context = unsafe context else { return nil }
                let arena = unsafe Unmanaged<Arena>.fromOpaque(context).takeUnretainedValue()
                return unsafe arena.allocate(byteCount)
            },
            free: { _, _ in },  // the whole arena goes at once
            allocator_data: Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// `count` values of a C type in the arena, uninitialized.
    ///
    /// For writing only, where the arena has no budget.
    func array<Element>(of _: Element.Type, count: Int) -> UnsafeMutablePointer<Element> {
        guard let memory = unsafe allocate(count * MemoryLayout<Element>.stride) else {
            preconditionFailure("an arena for writing has no budget, yet refused \(count) elements")
        }
        return unsafe memory.bindMemory(to: Element.self, capacity: count)
    }
}
