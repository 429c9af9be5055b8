import CLinux
import Foundation
import Glibc
import Testing

@Suite struct OpenBeneathTests {
    private func result(_ path: String, in directory: Int32) -> Int32 {
        let descriptor = pg_openat2_beneath(directory, path, O_RDONLY)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    @Test func onlyPlainPathsBeneathTheDirectoryOpen() throws {
        let scratch = try Scratch()
        let root = "\(scratch.path)/root"
        for directory in [root, "\(root)/plugin", "\(scratch.path)/outside"] { mkdir(directory, 0o700) }
        for file in ["root/plugin/exe", "outside/exe"] { _ = try scratch.file(file, "", mode: 0o700) }
        symlink("\(scratch.path)/outside", "\(root)/out")
        symlink("exe", "\(root)/plugin/link")
        symlink("plugin", "\(root)/alias")
        let directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }

        #expect(result("plugin/exe", in: directory) == 0)
        #expect(result("plugin", in: directory) == 0)
        #expect(result("../outside/exe", in: directory) == EXDEV)
        #expect(result("plugin/../../outside/exe", in: directory) == EXDEV)
        #expect(result("/etc/passwd", in: directory) == EXDEV)
        #expect(result("out/exe", in: directory) == ELOOP)
        #expect(result("plugin/link", in: directory) == ELOOP)
        #expect(result("alias/exe", in: directory) == ELOOP)
        #expect(result("plugin/none", in: directory) == ENOENT)
    }

    @Test func theDescriptorDoesNotReachChildren() throws {
        let directory = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let descriptor = pg_openat2_beneath(directory, "passwd", O_RDONLY)
        defer { for number in [directory, descriptor] { close(number) } }
        #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
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
