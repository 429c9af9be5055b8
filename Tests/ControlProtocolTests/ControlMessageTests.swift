import ControlProtocol
import Testing

@Suite struct ControlMessageTests {
    @Test func everyKindArrivesAsItWasSent() throws {
        for message in Samples.all {
            let arrived = try Samples.carried(message)
            #expect(arrived.kind == message.kind)
            #expect(try arrived.encoded() == message.encoded())
        }
        #expect(Set(Samples.all.map(\.kind)) == Set(ControlMessageKind.allCases))
    }

    @Test func anAttachRequestCarriesEverythingTheHostGave() throws {
        guard case .attach(let request) = try Samples.carried(.attach(Samples.request)) else { throw Samples.Incomplete() }
        #expect(request.directory == "/var/lib/grafana/plugins/legacy")
        #expect(request.executableName == "gpx_legacy")
        #expect(request.environment.map(\.0) == ["GF_SECRET", "EMPTY"])
        #expect(request.environment.map(\.1) == ["canary-1", ""])
        #expect(request.arguments == ["--token", "canary-2"])
        #expect(request.workingDirectory == "/canary-3")
        #expect(request.magicCookieValue == "datasource")
        #expect(request.hostSocket == "/run/p/1.sock")
        #expect(request.logsWanted)
        #expect(request.hostSocketDirectory == "/shared")
        #expect(request.hostSocketGroup == "grafana")
    }

    @Test func whatIsLeftOutStaysAbsent() throws {
        var plain = Samples.request
        (plain.hostSocket, plain.hostSocketDirectory, plain.hostSocketGroup, plain.logsWanted) = (nil, nil, nil, false)
        guard case .attach(let request) = try Samples.carried(.attach(plain)) else { throw Samples.Incomplete() }
        #expect(request.hostSocket == nil)
        #expect(request.hostSocketDirectory == nil)
        #expect(request.hostSocketGroup == nil)
        #expect(!request.logsWanted)
    }

    @Test func environmentArgumentsAndDirectoryAreNeverShown() throws {
        let message = ControlMessage.attach(Samples.request)
        var text =
            "\(Samples.request) \(String(reflecting: Samples.request)) \(message) \(String(reflecting: message)) \([message])"
        dump(message, to: &text)
        dump(try Samples.frame(message), to: &text)
        text += "\(Mirror(reflecting: Samples.request).children.map { "\($0)" })"
        #expect(!text.contains("canary"))
        #expect(text.contains("gpx_legacy"))
    }

    @Test func fieldsWithUnknownTagsAreSkipped() throws {
        var frame = try Samples.frame(Samples.all[4])
        frame.payload = [200, 0, 0, 0, 3, 1, 2, 3] + frame.payload + [201, 0, 0, 0, 0]
        guard case .attached(let attached) = try ControlMessage(frame, reader: .client) else { throw Samples.Incomplete() }
        #expect(attached.hostSocket == "/run/p/1.sock")
    }

    @Test func codesFromTheFutureBecomeOther() throws {
        var frame = try Samples.frame(Samples.all[5])
        frame.payload += [1, 0, 0, 0, 3] + Array("new".utf8)
        guard case .refused(let refusal) = try ControlMessage(frame, reader: .client) else { throw Samples.Incomplete() }
        #expect(refusal.code == .other)
    }

    private func failure(_ frame: ControlFrame, reader: ControlSide = .gateway) -> ControlError? {
        do {
            _ = try ControlMessage(frame, reader: reader)
            return nil
        } catch {
            return error
        }
    }

    @Test func anUnknownKindIsSaid() {
        let error = failure(ControlFrame(kind: 200, payload: []))
        #expect(error?.code == .unknownKind)
        #expect(error?.message.contains("200") == true)
        #expect(error?.refusal.code == .invalidRequest)
    }

    @Test func anotherVersionNamesTheSideToUpgrade() throws {
        var frame = try Samples.frame(Samples.all[0])
        frame.version = 2
        let byGateway = failure(frame, reader: .gateway)
        #expect(byGateway?.code == .versionMismatch)
        #expect(byGateway?.refusal.code == .versionMismatch)
        #expect(byGateway?.remedy.contains("the running gateway is the older one") == true)
        let byLocator = failure(frame, reader: .client)
        #expect(byLocator?.remedy.contains("the locator or command is the older one") == true)
        frame.version = 0
        #expect(failure(frame, reader: .gateway)?.remedy.contains("the locator or command is the older one") == true)
    }

    @Test func aRefusalIsReadInEveryVersion() throws {
        var frame = try Samples.frame(Samples.all[5])
        frame.version = 77
        guard case .refused(let refusal) = try ControlMessage(frame, reader: .client) else { throw Samples.Incomplete() }
        #expect(refusal.message == "outside")
    }

    @Test func tooManyVariablesAreRefusedByBothSides() throws {
        var request = Samples.request
        request.environment = (0..<ControlLimits.environmentEntries).map { ("V\($0)", "") }
        var frame = try Samples.frame(.attach(request))
        frame.payload += [3, 0, 0, 0, 5, 0, 0, 0, 1, 65]
        #expect(failure(frame)?.code == .tooManyEntries)
        request.environment.append(("ONE", "more"))
        #expect(throws: ControlError.self) { try ControlMessage.attach(request).encoded() }
    }

    @Test func tooManyArgumentsAreRefusedByBothSides() throws {
        var request = Samples.request
        request.arguments = [String](repeating: "", count: ControlLimits.arguments)
        var frame = try Samples.frame(.attach(request))
        frame.payload += [4, 0, 0, 0, 0]
        #expect(failure(frame)?.code == .tooManyEntries)
        request.arguments.append("")
        #expect(throws: ControlError.self) { try ControlMessage.attach(request).encoded() }
    }

    @Test func anEnvironmentOverTheSizeOfAMessageIsRefusedWithoutShowingIt() {
        var request = Samples.request
        request.environment = [("BIG", String(repeating: "canary", count: 1_000_000))]
        let error = #expect(throws: ControlError.self) { try ControlMessage.attach(request).encoded() }
        #expect(error?.code == .messageTooLong)
        #expect(error?.description.contains("canary") == false)
    }

    @Test(arguments: ["a\0b", "\0"]) func aNULInAStringIsRefusedByBothSides(text: String) throws {
        for change in [
            { (r: inout AttachRequest) in r.directory = text }, { $0.environment = [("A", text)] },
            { $0.environment = [(text, "")] },
            { $0.arguments = [text] }, { $0.workingDirectory = text }, { $0.hostSocket = text },
        ] as [(inout AttachRequest) -> Void] {
            var request = Samples.request
            change(&request)
            let error = #expect(throws: ControlError.self) { try ControlMessage.attach(request).encoded() }
            #expect(error?.code == .containsNUL)
        }
        var frame = try Samples.frame(.attach(Samples.request))
        frame.payload += [4, 0, 0, 0, 2, 65, 0]
        #expect(failure(frame)?.code == .containsNUL)
    }

    @Test func bytesThatAreNotUTF8AreRefusedAndNotRepaired() throws {
        var frame = try Samples.frame(.attach(Samples.request))
        frame.payload += [1, 0, 0, 0, 1, 0xFF]
        #expect(failure(frame)?.code == .notUTF8)
    }

    @Test func aMessageWithoutARequiredFieldIsRefused() {
        let kinds: [ControlMessageKind] = [
            .attach, .restart, .attached, .refused, .log, .ended, .statusReport, .restarted, .reloadReport,
        ]
        for kind in kinds {
            #expect(failure(ControlFrame(kind: kind.rawValue, payload: []))?.code == .missingField)
        }
    }

    @Test(
        arguments: [
            [1], [1, 0, 0, 0], [1, 0, 0, 0, 5, 1], [3, 0, 0, 0, 2, 0, 0], [3, 0, 0, 0, 4, 0, 0, 0, 9], [8, 0, 0, 0, 1, 2],
            [8, 0, 0, 0, 0],
        ] as [[UInt8]])
    func aBrokenFieldIsMalformed(payload: [UInt8]) {
        #expect(failure(ControlFrame(kind: ControlMessageKind.attach.rawValue, payload: payload))?.code == .malformed)
    }

    @Test func aLogRecordOfAnySizeCanBeSent() throws {
        let long = String(repeating: "é\0", count: 3_000_000)
        let record = LogRecord(
            level: .error, message: long, timestampMicroseconds: .min, module: long,
            fields: [("long", long)] + (0..<500).map { ("f\($0)", "v\0") })
        guard case .log(let arrived) = try Samples.carried(.log(record), reader: .client) else { throw Samples.Incomplete() }
        #expect(arrived.message.utf8.count <= LogRecord.maximumMessageBytes + 100_000)
        #expect(arrived.message.hasSuffix("… (cut)"))
        #expect(arrived.fields.count == LogRecord.maximumFields)
        #expect(arrived.fields.allSatisfy { $0.1 == "v\u{FFFD}" })
        #expect(arrived.timestampMicroseconds == .min)
    }

    @Test func theSocketIsTheOneOfTheVariableElseTheDefault() {
        #expect(ControlSocket.path(variable: nil) == "/run/plugin-gateway/control.sock")
        #expect(ControlSocket.path(variable: "") == ControlSocket.defaultPath)
        #expect(ControlSocket.path(variable: "/x") == "/x")
    }
}
