import Foundation
import Glibc
import Testing

@testable import Gateway
@testable import Telemetry

/// What systemd hands over is checked, and of no use for many reasons; none of them keeps the gateway from starting.
@Suite struct InheritedSocketsTests {
    private let directory = "/tmp/pgw-inherited-\(UUID().uuidString.prefix(8))"

    init() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    private func listener(_ name: String, listening: Bool = true) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(directory)/\(name)".utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        if listening { #expect(listen(descriptor, 1) == 0) }
        return descriptor
    }

    private func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) >= 0 }

    @Test func `a host socket is known by its name and its path`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let descriptor = listener("my-plugin-0123abcd.sock")
        defer { close(descriptor) }
        var sockets = InheritedSockets()
        sockets.add(.init(name: "host-0123abcd", number: descriptor))
        let socket = try #require(sockets.hosts.first)
        #expect(sockets.remarks.isEmpty)
        #expect(socket.attachmentID == "0123abcd")
        #expect(socket.path == "\(directory)/my-plugin-0123abcd.sock")
        #expect(socket.belongs(to: "my-plugin", directory: directory))
        #expect(!socket.belongs(to: "my", directory: directory))
        #expect(!socket.belongs(to: "other-plugin", directory: directory))
    }

    @Test(arguments: ["host-", "host-0123ABCD", "host-0123abcde", "host-../../x", "host-\u{1B}[31m", "host-0123abc\u{202E}"])
    func `a name that holds no id is of no use, and is shown without what it could do to a terminal`(name: String) {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let descriptor = listener("x")
        var sockets = InheritedSockets()
        sockets.add(.init(name: name, number: descriptor))
        #expect(sockets.hosts.isEmpty)
        #expect(sockets.remarks.count == 1)
        #expect(sockets.remarks.allSatisfy { !$0.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" } })
        #expect(!isOpen(descriptor))
    }

    @Test func `what does not listen, has lost its file or is no socket at all is closed and named`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (silent, lost) = (listener("silent", listening: false), listener("lost"))
        unlink("\(directory)/lost")
        let file = open("\(directory)/file", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        var nameless: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &nameless) == 0)
        defer { close(nameless[1]) }
        var sockets = InheritedSockets()
        for (index, descriptor) in [silent, lost, file, nameless[0], 9999].enumerated() {
            sockets.add(.init(name: "host-0000000\(index)", number: descriptor))
            #expect(!isOpen(descriptor))
        }
        #expect(sockets.hosts.isEmpty)
        #expect(sockets.remarks.count == 5)
        #expect(sockets.remarks[0].contains("host-00000000") && sockets.remarks[0].contains("not a listening"))
        #expect(sockets.remarks[1].contains("is gone"))
    }

    @Test func `of two with one name or one path the first is kept`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (first, second) = (listener("a"), listener("b"))
        let again = fcntl(first, F_DUPFD_CLOEXEC, 0)
        defer { close(first) }
        var sockets = InheritedSockets()
        sockets.add(.init(name: "host-00000001", number: first))
        sockets.add(.init(name: "host-00000001", number: second))
        sockets.add(.init(name: "host-00000002", number: again))
        #expect(sockets.hosts.map(\.descriptor) == [first])
        #expect(sockets.remarks.count == 2)
        #expect(isOpen(first) && !isOpen(second) && !isOpen(again))
    }

    @Test(arguments: [
        "", "soon\n", "-5\n", "99999999999999999999999\n", "9223372036854775807\n", String(repeating: "1", count: 5000),
    ])
    func `a note of the last stop that makes no sense is no note`(text: String) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(SuspensionMark.take(from: directory) == .zero)
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/suspended"))
        #expect(SuspensionMark.take(from: directory) == .zero)
        #expect(access(directory + "/suspended", F_OK) != 0)
    }

    @Test func `a note of the last stop tells how long ago it was, once`() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        SuspensionMark.write(in: directory)
        usleep(5000)
        let age = SuspensionMark.take(from: directory)
        #expect(age >= .milliseconds(4) && age < .seconds(60))
        #expect(SuspensionMark.take(from: directory) == .zero)
    }
}
