import Foundation

/// Puts new builds into the directory of a wrapped plugin, in the ways in which installers do.
struct Upgrader {
    enum Way: String, CaseIterable {
        /// A complete file is renamed over the plugin's name.
        case renameOver
        /// The file is removed, and written anew bit by bit under its name.
        case writeInPlace
        /// The whole directory is removed and made again, as grafana-cli does.
        case newDirectory
        /// As before, with nothing there for three seconds.
        case absentForAWhile
        /// As `renameOver`, and then wrapped again.
        case wrappedAgain
    }

    let scratch: Scratch
    let id: String
    private var directory: String { "\(scratch.plugins)/\(id)" }
    private var executable: String { scratch.executable(of: id) }

    /// - Parameter peer: the executable of the new build.
    func install(_ peer: String, _ way: Way) throws {
        switch way {
        case .renameOver, .wrappedAgain: try renameOver(peer)
        case .writeInPlace: try writeInPlace(peer)
        case .newDirectory: try newDirectory(peer, pause: 0)
        case .absentForAWhile: try newDirectory(peer, pause: 3)
        }
        guard way == .wrappedAgain else { return }
        let result = try Command.run(Places.gateway, ["wrap", directory])
        guard result.code == 0 else { throw HarnessError("wrap: \(result.error)") }
    }

    private func renameOver(_ peer: String) throws {
        let new = executable + ".new"
        try? FileManager.default.removeItem(atPath: new)
        try FileManager.default.copyItem(atPath: peer, toPath: new)
        guard rename(new, executable) == 0 else { throw HarnessError("rename: \(errno)") }
    }

    private func writeInPlace(_ peer: String) throws {
        // A file that runs cannot be opened for writing, so installers remove it first.
        unlink(executable)
        let file = open(executable, O_WRONLY | O_CREAT | O_TRUNC, 0o755)
        guard file >= 0 else { throw HarnessError("open: \(errno)") }
        defer { close(file) }
        fchmod(file, 0o755)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: peer))
        let piece = bytes.count / 4 + 1
        for start in stride(from: 0, to: bytes.count, by: piece) {
            let part = bytes[start..<min(start + piece, bytes.count)]
            guard part.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == part.count else {
                throw HarnessError("write: \(errno)")
            }
            usleep(200_000)
        }
    }

    private func newDirectory(_ peer: String, pause: UInt32) throws {
        let description = try Data(contentsOf: URL(fileURLWithPath: directory + "/plugin.json"))
        try FileManager.default.removeItem(atPath: directory)
        sleep(pause)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try description.write(to: URL(fileURLWithPath: directory + "/plugin.json"))
        try FileManager.default.copyItem(atPath: peer, toPath: executable)
    }
}
