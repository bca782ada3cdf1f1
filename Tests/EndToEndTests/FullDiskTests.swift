import Foundation
import Glibc
import Testing

extension EndToEndTests {
    @Suite("a full disk", .enabled(if: geteuid() == 0, "only root may mount a small file system"))
    struct FullDiskTests {
        /// One segment of the log fits (64 MiB), a second one does not.
        private static let diskMiB = 100

        @Test("writes are refused with RESOURCE_EXHAUSTED, and taken again once space is free")
        func refusesAndRecovers() async throws {
            try await Scratch.with { scratch in
                let disk = scratch.file("disk")
                try FileManager.default.createDirectory(
                    atPath: disk,
                    withIntermediateDirectories: false
                )
                let mounted = try await RunningProgram.run(
                    "/usr/bin/env",
                    ["mount", "-t", "tmpfs", "-o", "size=\(Self.diskMiB)m", "tmpfs", disk],
                    in: scratch
                )
                guard mounted.status == 0 else {
                    try Test.cancel("no tmpfs can be mounted here: \(mounted.errors)")
                }
                do {
                    try await fill(disk, scratch)
                } catch {
                    await unmount(disk, scratch)
                    throw error
                }
                await unmount(disk, scratch)
            }
        }

        private func unmount(_ disk: String, _ scratch: Scratch) async {
            let outcome = try? await RunningProgram.run(
                "/usr/bin/env",
                ["umount", "-l", disk],
                in: scratch
            )
            #expect(outcome?.status == 0)
        }

        private func fill(_ disk: String, _ scratch: Scratch) async throws {
            let server = try await Server.start("ingest", in: scratch, folder: disk + "/data")
            do {
                let file = try scratch.write("wide.csv", wideRows(count: 100_000))
                let full = try await server.chronotope("import", file, within: .seconds(180))
                #expect(full.status == 1, "\(full)")
                #expect(full.errors.contains("RESOURCE_EXHAUSTED"), "\(full)")
                #expect(try await server.page("/livez").status == 200)
                let before = try await server.call("Ingest/Stats")["endOffset"].number
                #expect(before > 0)
                // Room for the second segment comes from outside; the server is not restarted.
                let grown = try await RunningProgram.run(
                    "/usr/bin/env",
                    ["mount", "-o", "remount,size=400m", disk],
                    in: scratch
                )
                #expect(grown.status == 0, "\(grown)")
                let again = try await server.chronotope("import", file, within: .seconds(180))
                #expect(again.status == 0, "\(again)")
                let after = try await server.call("Ingest/Stats")
                #expect(after["acceptedEvents"].number == 100_000, "\(after)")
                try await server.program.end()
            } catch {
                try? await server.program.end()
                throw error
            }
        }

        /// Some 750 bytes a row: 75 MB in all.
        private func wideRows(count: Int) -> String {
            let wide = String(repeating: "x", count: 240)
            let rows = (0..<count).map { number in
                "user\(number % 100),item1,\(wide),\(wide),\(wide),\(1_577_865_600 + number)"
            }
            return "user_id,item_id,platform,device,session,time\n"
                + rows.joined(separator: "\n") + "\n"
        }
    }
}
