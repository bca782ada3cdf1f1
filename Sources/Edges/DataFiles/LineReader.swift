/// One line of a text file, without its line end.
package struct Line: Hashable, Sendable {
    package var bytes: [UInt8] = []
    /// From 1.
    package var number = 0
    /// Where the line begins in the decoded text.
    package var byteOffset = 0
    /// One past the line end in the decoded text.
    package var endOffset = 0
    /// The line is longer than the limit: `bytes` holds its beginning, the rest was passed over.
    package var isTooLong = false
    package var endsWithCarriageReturn = false

    package init() {}
}

/// Where a reader stands between two lines, to go on there later.
package struct TextPosition: Hashable, Sendable {
    /// In the decoded text.
    package var byteOffset: Int
    /// Lines before it.
    package var lineCount: Int

    package init(byteOffset: Int = 0, lineCount: Int = 0) {
        self.byteOffset = byteOffset
        self.lineCount = lineCount
    }
}

/// The lines of a file of any size, in memory of one line and one chunk.
///
/// Lines end with LF or CR LF. A byte order mark at the start is passed over.
package final class LineReader {
    /// 64 KiB: hundreds of times an ordinary row, and nothing in memory.
    package static let maxLineBytes = 64 << 10

    package let path: String
    private let stream: ByteStream?
    private let maxLineBytes: Int
    private var buffer: [UInt8]
    private var start = 0
    private var bufferOffset = 0
    private var lineCount = 0
    private var isAtEnd: Bool

    package convenience init(
        path: String,
        maxLineBytes: Int = LineReader.maxLineBytes
    ) throws(DataFileError) {
        let stream = try ByteStream(path: path, decodedByteLimit: .max)
        self.init(path: path, stream: stream, bytes: [], maxLineBytes)
        try passByteOrderMark()
    }

    /// Lines of bytes in memory; `path` only names them in errors.
    package convenience init(
        bytes: [UInt8],
        path: String,
        maxLineBytes: Int = LineReader.maxLineBytes
    ) throws(DataFileError) {
        self.init(path: path, stream: nil, bytes: bytes, maxLineBytes)
        try passByteOrderMark()
    }

    private init(path: String, stream: ByteStream?, bytes: [UInt8], _ maxLineBytes: Int) {
        self.path = path
        self.stream = stream
        self.maxLineBytes = maxLineBytes
        buffer = bytes
        isAtEnd = stream == nil
    }

    /// Where the next line begins.
    package var position: TextPosition {
        TextPosition(byteOffset: bufferOffset + start, lineCount: lineCount)
    }

    /// Goes on at a position that this or an earlier reader of the same file gave.
    package func move(to position: TextPosition) throws(DataFileError) {
        lineCount = position.lineCount
        if position.byteOffset <= bufferOffset + buffer.count {
            precondition(position.byteOffset >= bufferOffset, "\(position) lies behind")
            start = position.byteOffset - bufferOffset
        } else if let stream {
            buffer = try stream.skip(to: position.byteOffset)
            (bufferOffset, start) = (position.byteOffset, 0)
        } else {
            start = buffer.count
        }
    }

    /// Reads the next line into `line`, reusing its storage; false at the end of the file.
    package func next(_ line: inout Line) throws(DataFileError) -> Bool {
        line.bytes.removeAll(keepingCapacity: true)
        line.isTooLong = false
        line.byteOffset = bufferOffset + start
        guard try fillIfEmpty() else { return false }
        while true {
            let end = Self.lineEnd(buffer.span, from: start)
            take(start..<(end ?? buffer.count), into: &line)
            if let end {
                start = end + 1
                break
            }
            start = buffer.count
            guard try fillIfEmpty() else { break }
        }
        lineCount += 1
        line.number = lineCount
        line.endOffset = bufferOffset + start
        line.endsWithCarriageReturn = line.bytes.last == 0x0D && !line.isTooLong
        if line.endsWithCarriageReturn { line.bytes.removeLast() }
        return true
    }

    private static func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        let end = bytes.count
        while index < end {
            if bytes[index] == 0x0A { return index }
            index += 1
        }
        return nil
    }

    private func take(_ range: Range<Int>, into line: inout Line) {
        let room = maxLineBytes - line.bytes.count
        if range.count > room { line.isTooLong = true }
        line.bytes.append(contentsOf: buffer[range.prefix(room)])
    }

    private func fillIfEmpty() throws(DataFileError) -> Bool {
        if start < buffer.count { return true }
        guard !isAtEnd, let stream else { return false }
        bufferOffset += buffer.count
        buffer.removeAll(keepingCapacity: true)
        start = 0
        isAtEnd = try !stream.appendNext(to: &buffer)
        return !isAtEnd
    }

    private func passByteOrderMark() throws(DataFileError) {
        guard try fillIfEmpty() else { return }
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        let isWide = buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF])
        guard !isWide else {
            throw DataFileError(
                .wrongFormat,
                path: path,
                byteOffset: 0,
                problem: "is UTF-16 text",
                remedy: "convert it: iconv -f UTF-16 -t UTF-8"
            )
        }
    }
}
