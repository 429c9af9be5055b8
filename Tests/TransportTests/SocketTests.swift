import GatewayTestKit
import Glibc
import NIOCore
import Testing

@testable import Transport

@Suite struct SocketTests {
    @Test func shortPathsAreKept() {
        #expect(SocketPath.fitting(directory: "/run/plugin-gateway", name: "a.sock") == "/run/plugin-gateway/a.sock")
        #expect(SocketPath.fitting(directory: "/run/plugin-gateway/", name: "a.sock") == "/run/plugin-gateway/a.sock")
        let exact = "/" + String(repeating: "d", count: 50)
        #expect(SocketPath.fitting(directory: exact, name: String(repeating: "n", count: 55)).utf8.count == 107)
    }

    @Test func longNamesAreHashedBesideAndDeepDirectoriesElsewhere() {
        let beside = SocketPath.fitting(directory: "/run/plugin-gateway", name: String(repeating: "n", count: 200))
        #expect(beside.hasPrefix("/run/plugin-gateway/"))
        #expect(beside.utf8.count <= 107)
        #expect(beside == SocketPath.fitting(directory: "/run/plugin-gateway", name: String(repeating: "n", count: 200)))
        let deep = "/" + String(repeating: "deep/", count: 40)
        let one = SocketPath.fitting(directory: deep, name: "one")
        #expect(one.utf8.count <= 107)
        #expect(one.hasPrefix(SocketPath.fallbackDirectory))
        #expect(one != SocketPath.fitting(directory: deep, name: "two"))
    }

    @Test func socketInADeepDirectoryIsServed() async throws {
        try await Bench.run { bench in
            let path = SocketPath.fitting(directory: bench.directory.path + String(repeating: "/deep", count: 30), name: "p")
            let server = try await HostServer.listen(
                on: bench.loop, path: path, router: FakeRouter { _ in .answer(FakeAnswers.same) })
            let host = try await FakeHost.connect(on: bench.loop, path: path)
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func modeAndGroupAreSet() async throws {
        try await Bench.run { bench in
            let server = try await HostServer.listen(
                on: bench.loop, path: bench.directory.file("s"), mode: 0o660, group: getgid(),
                router: FakeRouter { _ in .answer(FakeAnswers.same) })
            var status = stat()
            #expect(lstat(server.path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
            #expect(status.st_gid == getgid())
            await server.close()
        }
    }

    @Test func tooLongPathIsRefused() async throws {
        try await Bench.run { bench in
            let path = bench.directory.file(String(repeating: "x", count: 120))
            let error = await #expect(throws: SocketError.self) {
                try await HostServer.listen(on: bench.loop, path: path, router: FakeRouter { _ in .answer(FakeAnswers.same) })
            }
            #expect(error?.code == .pathTooLong)
        }
    }

    @Test func staleSocketIsReplaced() async throws {
        try await Bench.run { bench in
            let path = bench.directory.file("s")
            let stale = try UnixListener.open(path: path, mode: 0o600, group: nil)
            close(stale.descriptor)
            let server = try await HostServer.listen(
                on: bench.loop, path: path, router: FakeRouter { _ in .answer(FakeAnswers.same) })
            // The old owner must not remove what is no longer its own.
            stale.removeFile()
            let host = try await FakeHost.connect(on: bench.loop, path: path)
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
        }
    }

    @Test func socketInUseAndOtherFilesAreLeftAlone() async throws {
        try await Bench.run { bench in
            let router = FakeRouter { _ in .answer(FakeAnswers.same) }
            let server = try await HostServer.listen(on: bench.loop, path: bench.directory.file("s"), router: router)
            let inUse = await #expect(throws: SocketError.self) {
                try await HostServer.listen(on: bench.loop, path: server.path, router: router)
            }
            #expect(inUse?.code == .inUse)
            let file = bench.directory.file("file")
            close(open(file, O_CREAT | O_WRONLY, 0o600))
            let notASocket = await #expect(throws: SocketError.self) {
                try await HostServer.listen(on: bench.loop, path: file, router: router)
            }
            #expect(notASocket?.code == .notASocket)
            #expect(access(file, F_OK) == 0)
            let link = bench.directory.file("link")
            #expect(symlink(server.path, link) == 0)
            let symbolic = await #expect(throws: SocketError.self) {
                try await HostServer.listen(on: bench.loop, path: link, router: router)
            }
            #expect(symbolic?.code == .notASocket)
            let host = try await FakeHost.connect(on: bench.loop, path: server.path)
            #expect(try await host.call("/a.B/C", "x") == "x")
            await host.close()
            await server.close()
        }
    }

    @Test func connectingToNothingSaysWhy() async throws {
        try await Bench.run { bench in
            let error = await #expect(throws: GRPCStatus.self) {
                try await PluginClient.connect(on: bench.loop, to: .unix(bench.directory.file("nothing")))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("No such file") == true)
        }
    }

    @Test func descriptorsAreGivenBackOverManyCycles() async throws {
        try await Bench.run { bench in
            func cycle(_ number: Int) async throws {
                let way = try await bench.forwarding(FakeAnswers.same)
                let host = try await bench.host()
                #expect(try await host.call("/a.B/C", "x") == "x")
                // Every way to end is taken in turn.
                switch number % 3 {
                case 0: await host.close()
                case 1: await way.plugin.stop()
                default: break
                }
                await way.stop()
                await host.close()
            }
            for number in 0..<6 { try await cycle(number) }
            let before = OpenDescriptors.count()
            for number in 0..<200 { try await cycle(number) }
            #expect(await eventually { OpenDescriptors.sockets(under: bench.directory.path) == 0 })
            // Tests beside this one open some too, but not one for each cycle.
            #expect(await eventually { OpenDescriptors.count() < before + 100 })
        }
    }
}

enum OpenDescriptors {
    /// Every descriptor of this process.
    static func count() -> Int {
        guard let directory = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return count
    }

    /// Sockets that carry a path in a directory: listeners, and our ends of the connections they accepted.
    static func sockets(under directory: String) -> Int {
        // Columns of /proc/net/unix: …, inode, path. Our ends of accepted connections carry the path of their listener.
        guard let table = fopen("/proc/net/unix", "r") else { return -1 }
        defer { fclose(table) }
        var count = 0
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, 512, table) != nil {
            let text = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if text.contains(directory + "/") { count += 1 }
        }
        return count
    }
}
