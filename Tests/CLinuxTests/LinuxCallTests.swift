import CLinux
import Foundation
import Glibc
import Testing

// The C library shows it to GNU sources only.
private let O_PATH: Int32 = 0o10000000

@Suite struct OpenBeneathTests {
    typealias Open = @Sendable (Int32, UnsafePointer<CChar>, Int32) -> Int32
    /// In one system call, and as a walk where the kernel or a filter of system calls does not have that one.
    static let ways: [(name: String, open: Open)] = [
        ("openat2", { pg_openat2_beneath($0, $1, $2) }), ("walk", { pg_walk_beneath($0, $1, $2) }),
    ]

    private func result(_ open: Open, _ path: String, in directory: Int32, _ flags: Int32 = O_RDONLY) -> Int32 {
        let descriptor = open(directory, path, flags)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    @Test(arguments: ways.indices)
    func onlyPlainPathsBeneathTheDirectoryOpen(way: Int) throws {
        let way = Self.ways[way].open
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        for directory in [root, "\(root)/plugin", "\(scratch.path)/outside"] { mkdir(directory, 0o700) }
        for file in ["root/plugin/exe", "outside/exe"] { _ = try scratch.file(file, "", mode: 0o700) }
        symlink("\(scratch.path)/outside", "\(root)/out")
        symlink("exe", "\(root)/plugin/link")
        symlink("plugin", "\(root)/alias")
        let directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }

        for flags in [O_RDONLY, O_PATH] {
            #expect(result(way, "plugin/exe", in: directory, flags) == 0)
            #expect(result(way, "plugin//exe", in: directory, flags) == 0)
            #expect(result(way, "./plugin/./exe", in: directory, flags) == 0)
            #expect(result(way, "plugin", in: directory, flags) == 0)
            #expect(result(way, ".", in: directory, flags) == 0)
            #expect(result(way, "../outside/exe", in: directory, flags) == EXDEV)
            #expect(result(way, "..", in: directory, flags) == EXDEV)
            #expect(result(way, "plugin/../../outside/exe", in: directory, flags) == EXDEV)
            #expect(result(way, "/etc/passwd", in: directory, flags) == EXDEV)
            #expect(result(way, "out/exe", in: directory, flags) == ELOOP)
            #expect(result(way, "out", in: directory, flags) == ELOOP)
            #expect(result(way, "plugin/link", in: directory, flags) == ELOOP)
            #expect(result(way, "alias/exe", in: directory, flags) == ELOOP)
            #expect(result(way, "plugin/none", in: directory, flags) == ENOENT)
            #expect(result(way, "plugin/exe/none", in: directory, flags) == ENOTDIR)
            #expect(result(way, "", in: directory, flags) == ENOENT)
            #expect(result(way, String(repeating: "x", count: 300), in: directory, flags) == ENAMETOOLONG)
        }
        #expect(result(way, "alias", in: directory, O_PATH | O_DIRECTORY) == ELOOP)
        #expect(result(way, "plugin/exe", in: directory, O_PATH | O_DIRECTORY) == ENOTDIR)
        #expect(result(way, "plugin", in: directory, O_PATH | O_DIRECTORY) == 0)
    }

    @Test(arguments: ways.indices)
    func theDescriptorDoesNotReachChildren(way: Int) throws {
        let way = Self.ways[way].open
        let directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        let descriptor = way(directory, "etc/passwd", O_RDONLY)
        #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
        close(descriptor)
    }
}

@Suite struct ProcessDescriptorTests {
    @Test func aPidfdSignalsItsProcessAndSeesItsEnd() throws {
        let child = try Child(["/bin/sleep", "600"])
        let descriptor = pg_pidfd_open(child.pid)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        #expect(pg_pidfd_send_signal(descriptor, 0) == 0)
        #expect(pg_pidfd_send_signal(descriptor, SIGTERM) == 0)
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&watched, 1, 30_000) == 1)
        #expect(child.wait() == -SIGTERM)
        #expect(pg_pidfd_send_signal(descriptor, 0) == -1)
        #expect(errno == ESRCH)
    }

    @Test func aProcessThatIsNotThereHasNoPidfd() {
        #expect(pg_pidfd_open(0) == -1)
        #expect(errno == EINVAL)
    }
}

@Suite struct UnixSocketTests {
    @Test func thePeerOfAConnectionIsKnown() throws {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var peer = pg_peer()
        #expect(pg_peer_credentials(ends[0], &peer) == 0)
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
    }

    @Test func whatIsNoSocketHasNoPeer() {
        var peer = pg_peer()
        let file = open("/dev/null", O_RDONLY)
        defer { close(file) }
        #expect(pg_peer_credentials(file, &peer) == -1)
    }

    @Test func failuresToConnectTellApartWhatIsMissing() throws {
        let scratch = try Scratch()
        for (path, number) in [
            ("\(scratch.path)/none", ENOENT), (try scratch.file("plain", "", mode: 0o600), ECONNREFUSED), ("", ENOENT),
            ("/" + String(repeating: "a", count: 107), ENAMETOOLONG),
        ] {
            #expect(pg_connect_unix(path) == -1)
            #expect(errno == number)
        }
    }
}
