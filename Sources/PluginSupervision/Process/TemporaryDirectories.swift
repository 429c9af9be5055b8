internal import NIOPosix
internal import Synchronization

/// The file system's part of temporary directories, kept off the event loops.
enum TemporaryDirectories {
    private static let swept = Mutex<Set<String>>([])

    static func make(root: String) async throws(SupervisionError) -> PrivateTemporaryDirectory {
        let result = try? await NIOThreadPool.singleton.runIfActive { () -> Result<PrivateTemporaryDirectory, SupervisionError> in
            // Once in the life of this process, whether or not its start did it: what an earlier gateway left.
            if swept.withLock({ $0.insert(root).inserted }) { PrivateTemporaryDirectory.sweep(root: root) }
            do throws(SupervisionError) {
                return .success(try PrivateTemporaryDirectory.make(root: root))
            } catch {
                return .failure(error)
            }
        }
        guard let result else {
            throw SupervisionError(.stopped, "the gateway is stopping", side: .nobody, remedy: "start it again")
        }
        return try result.get()
    }

    static func sweep(root: String) async -> Int {
        (try? await NIOThreadPool.singleton.runIfActive { PrivateTemporaryDirectory.sweep(root: root) }) ?? 0
    }

    static func remove(_ directory: PrivateTemporaryDirectory) async {
        // A detached task: the removal must happen even when the one who waits for it is cancelled.
        await Task.detached { try? await NIOThreadPool.singleton.runIfActive { directory.remove() } }.value
    }
}
