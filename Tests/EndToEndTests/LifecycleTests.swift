import Foundation
import Testing

extension EndToEnd {
    /// Attachments come and go: shutdown, killed hosts, two locators, refused directories, leaks.
    @Suite(.serialized) struct Lifecycle {
        @Test func `the host's shutdown ends the plugin and then the locator, gracefully`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let (plugin, socket) = (try rig.pluginPID, try rig.hostSocket)
            let killed = try rig.host.perform("kill", within: 30)
            #expect(killed["ok"] as? Bool == true, "\(killed)")
            #expect(killed["graceful"] as? Bool == true, "\(killed)")
            #expect(killed["exitCode"] as? Int == 0)
            try waitUntil("the plugin is gone") { !ProcessFacts.isAlive(plugin) }
            try waitUntil("the host socket is gone") { access(socket, F_OK) != 0 }
            #expect(try rig.gateway.plugins().isEmpty)
        }

        @Test func `a killed host takes its locator and plugin with it`() throws {
            let rig = try LegacyRig(configuration: "limits: {detach_linger: 100ms}")
            defer { rig.stop() }
            let plugin = try rig.pluginPID
            let pids = try rig.host.perform("pid")
            let locator = pid_t(try #require(pids["pid"] as? Int))
            rig.host.child.signal(SIGKILL)
            try waitUntil("the locator is gone") { !ProcessFacts.isAlive(locator) }
            try waitUntil("the plugin is gone") { !ProcessFacts.isAlive(plugin) }
        }

        @Test func `two locators of one plugin have a process each; shutting one down leaves the other serving`() throws {
            let rig = try LegacyRig()
            defer { rig.stop() }
            let second = try HostUnderTest(rig.gateway, rig.scratch.executable(of: LegacyRig.id))
            defer { second.stop() }
            let pids = Set(try rig.gateway.plugins().compactMap { $0["pid"] as? Int })
            #expect(pids.count == 2)
            second.stop()
            #expect(try rig.host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
            try waitUntil("one is left") { try rig.gateway.plugins().count == 1 }
        }

        @Test func `a locator whose gateway is killed waits and attaches again, on the same socket`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let first = try GatewayUnderTest(scratch)
            let host = try HostUnderTest(first, scratch.executable(of: LegacyRig.id))
            defer { host.stop() }
            let socket = try #require(try first.plugins().first?["hostSocket"] as? String)
            let plugin = pid_t(try #require(try first.plugins().first?["pid"] as? Int))
            // A host that is gone as well leaves its socket to the next gateway, which removes it.
            let gone = try HostUnderTest(first, scratch.executable(of: LegacyRig.id))
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.runtime + "/hosts").count == 2)
            first.child.signal(SIGSTOP)
            gone.child.signal(SIGKILL)
            gone.child.wait()
            first.child.signal(SIGKILL)
            first.child.wait()
            try waitUntil("the plugin dies with the gateway") { !ProcessFacts.isAlive(plugin) }
            let second = try GatewayUnderTest(scratch)
            defer { second.stop() }
            try waitUntil("the locator attached again") { try second.plugins().first?["hostSocket"] as? String == socket }
            // grpc-go connects again by itself, a moment after it has lost the connection.
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.runtime + "/hosts").count == 1)
            try waitUntil("the host is served again") { try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true }
        }

        @Test func `directories that may not be attached are refused, each with its own message`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let elsewhere = try Scratch()
            defer { elsewhere.remove() }
            try elsewhere.install("outside", executable: Places.legacyPlugin)
            try scratch.install("writable", executable: Places.legacyPlugin)
            chmod("\(scratch.plugins)/writable", 0o777)
            try FileManager.default.createSymbolicLink(
                atPath: "\(scratch.plugins)/linked", withDestinationPath: "\(elsewhere.plugins)/outside")
            let cases = [
                (elsewhere.executable(of: "outside"), "root"), ("\(scratch.plugins)/writable/\(Scratch.executableName)", "writ"),
                ("\(scratch.plugins)/linked/\(Scratch.executableName)", "root"),
            ]
            for (executable, word) in cases {
                let host = try HostUnderTest(gateway, executable)
                defer { host.stop() }
                #expect(!host.started)
                try waitUntil("\(executable): an error that says \(word)") {
                    try host.errorLines().contains { $0.contains(word) }
                }
            }
            let good = try HostUnderTest(gateway, scratch.executable(of: LegacyRig.id))
            defer { good.stop() }
            #expect(good.started)
        }

        @Test func `a locator in the plugin's own place is refused, not started for ever`() throws {
            let scratch = try Scratch()
            try scratch.install("twice", executable: Places.legacyPlugin)
            let path = scratch.executable(of: "twice") + ".wrapped"
            unlink(path)
            try FileManager.default.copyItem(atPath: Places.locator, toPath: path)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let host = try HostUnderTest(gateway, scratch.executable(of: "twice"))
            defer { host.stop() }
            #expect(!host.started)
            try waitUntil("the error says so") { try host.errorLines().contains { $0.contains("is the locator itself") } }
            #expect(ProcessFacts.children(of: gateway.child.pid).isEmpty)
        }

        @Test func `a plugin may have another executable, by configuration`() throws {
            let scratch = try Scratch()
            try scratch.install("named", executable: Places.legacyPlugin)
            rename(scratch.executable(of: "named") + ".wrapped", "\(scratch.plugins)/named/real")
            let gateway = try GatewayUnderTest(scratch, configuration: "plugins: {named: {executable: real}}")
            defer { gateway.stop() }
            let host = try HostUnderTest(gateway, scratch.executable(of: "named"))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
        }

        @Test func `without a gateway the host logs one clear error`() throws {
            let scratch = try Scratch()
            defer { scratch.remove() }
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let host = try HostUnderTest(
                nil, scratch.executable(of: LegacyRig.id),
                environment: ["PLUGIN_GATEWAY_SOCKET": scratch.runtime + "/nobody.sock", "PLUGIN_GATEWAY_ATTACH_TIMEOUT": "1"])
            defer { host.stop() }
            #expect(!host.started)
            try waitUntil("the error names the socket") { try host.errorLines().contains { $0.contains("nobody.sock") } }
        }

        @Test func `socket paths that are too long are hashed`() throws {
            let scratch = try Scratch(deep: 60)
            try scratch.install("a-plugin-with-quite-a-long-name-in-a-deep-directory", executable: Places.legacyPlugin)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            let host = try HostUnderTest(gateway, scratch.executable(of: "a-plugin-with-quite-a-long-name-in-a-deep-directory"))
            defer { host.stop() }
            #expect(host.started, "\(host.start)")
            let socket = try #require(try gateway.plugins().first?["hostSocket"] as? String)
            #expect(socket.utf8.count <= 107)
            #expect(try host.query(["A": ["scenario": "series"]])["ok"] as? Bool == true)
        }

        @Test func `two hundred starts and stops leak no process, socket or descriptor`() throws {
            let scratch = try Scratch()
            try scratch.install(LegacyRig.id, executable: Places.legacyPlugin)
            let gateway = try GatewayUnderTest(scratch)
            defer { gateway.stop() }
            func cycle() throws {
                let host = try HostUnderTest(gateway, scratch.executable(of: LegacyRig.id))
                guard host.started else { throw HarnessError("\(host.start)") }
                let killed = try host.perform("kill", within: 30)
                #expect(killed["graceful"] as? Bool == true, "\(killed)")
                host.stop()
            }
            for _ in 0..<5 { try cycle() }
            try waitUntil("idle") { try gateway.plugins().isEmpty && ProcessFacts.children(of: gateway.child.pid).isEmpty }
            let (descriptors, memory) = (gateway.descriptors, gateway.residentKiB)
            for _ in 0..<200 { try cycle() }
            try waitUntil("idle again") { try gateway.plugins().isEmpty && ProcessFacts.children(of: gateway.child.pid).isEmpty }
            try waitUntil("descriptors are closed") { gateway.descriptors <= descriptors }
            let sockets = try FileManager.default.contentsOfDirectory(atPath: scratch.runtime + "/hosts")
            #expect(sockets.isEmpty, "\(sockets)")
            print(
                "figure: 200 start/stop cycles: \(descriptors) descriptors before, \(gateway.descriptors) after; resident \(memory) KiB before, \(gateway.residentKiB) after"
            )
        }
    }
}
