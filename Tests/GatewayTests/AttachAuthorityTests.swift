import Glibc
import Testing

@testable import Gateway

@Suite struct AttachAuthorityTests {
    private func check(_ user: UInt32, _ action: String = "reload the configuration") throws {
        try AttachAuthority.check(PeerCredentials(pid: 1, user: user, group: 0), to: action)
    }

    @Test func `the gateway's own user and root may`() throws {
        try check(geteuid())
        try check(0)
    }

    @Test(arguments: [UInt32.max, 65534, 12345]) func `anybody else may not, and is told who may`(user: UInt32) throws {
        try #require(user != geteuid())
        let error = #expect(throws: GatewayError.self) { try check(user) }
        #expect(error?.code == .noPermission)
        #expect(error?.message.contains("may reload the configuration; this process runs as user \(user)") == true)
        #expect(error?.remedy == "Run the command as root")
        let attaching = #expect(throws: GatewayError.self) { try check(user, "attach") }
        #expect(attaching?.remedy.contains("User=") == true)
    }
}
