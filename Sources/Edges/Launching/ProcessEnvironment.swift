import Foundation
import Glibc

/// Environment variables that libraries read before `main` runs, and the one restart that sets them.
///
/// Three settings can only come from the environment, because they are read while the program is loaded:
/// - `SWIFT_BACKTRACE=enable=no`: the crash reporter may hang a crashed service for minutes; a service
///   must die at once and be started again.
/// - `OPENBLAS_NUM_THREADS=1`: our workers do the parallel part.
/// - `OPENBLAS_CORETYPE`: OpenBLAS 0.3.21 does not know newer CPUs and falls back to kernels of 2004,
///   five times slower.
///
/// What the operator has set is never changed.
package enum ProcessEnvironment {
    /// Restarts this program once with the missing settings; returns at once where all are set.
    ///
    /// Call it as the first statement of `main`. The process id, arguments, working folder and open files
    /// stay. Where the restart is refused by the system, the program goes on without the settings.
    package static func reexecuteIfNeeded() {
        let missing = missingSettings(
            in: ProcessInfo.processInfo.environment,
            cpuInfo: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        )
        guard !missing.isEmpty else { return }
        for (name, value) in missing {
            unsafe setenv(name, value, 0)
        }
        replaceProcess(path: executablePath(), arguments: CommandLine.arguments)
    }

    /// The OpenBLAS kernels that this process asked for; "auto" where the library chooses for itself.
    package static var openBLASCoreType: String {
        ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] ?? "auto"
    }

    /// The variant of the kernels that CHRONOTOPE_ISA asks for; nil where the fastest is wanted.
    package static var kernelVariant: String? {
        ProcessInfo.processInfo.environment["CHRONOTOPE_ISA"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The settings that `environment` lacks, by name.
    ///
    /// - Parameter cpuInfo: the text of /proc/cpuinfo; its `flags` line names the instruction sets.
    package static func missingSettings(
        in environment: [String: String],
        cpuInfo: String
    ) -> [String: String] {
        var wanted = ["SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1"]
        wanted["OPENBLAS_CORETYPE"] = openBLASCoreType(cpuInfo: cpuInfo)
        return wanted.filter { environment[$0.key] == nil }
    }

    /// The OpenBLAS kernels for an x86-64 CPU; nil where OpenBLAS should choose for itself.
    ///
    /// Chosen by instruction set and not by model number, which is what the library gets wrong.
    package static func openBLASCoreType(cpuInfo: String) -> String? {
        guard
            let line = cpuInfo.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
        else { return nil }
        let flags = Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" }))
        if flags.isSuperset(of: ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"]) {
            return "SkylakeX"
        }
        return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
    }

    /// The program file; by its real name, so that process lists do not show "exe".
    private static func executablePath() -> String {
        let link = "/proc/self/exe"
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
            FileManager.default.isExecutableFile(atPath: target)
        else { return link }
        return target
    }

    /// execv(3); returns only where it failed.
    private static func replaceProcess(path: String, arguments: [String]) {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        _ = unsafe execv(path, pointers)
        unsafe pointers.forEach { unsafe free($0) }
    }
}
