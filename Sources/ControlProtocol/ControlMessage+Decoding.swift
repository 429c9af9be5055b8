extension ControlMessage {
    /// Reads a frame that arrived at `reader`. Fields with unknown tags are skipped; an unknown kind, another version (except for a
    /// refusal, which every version can read) and a field that breaks its rule are errors. Nobody's permission to send this kind of
    /// message is checked here.
    package init(_ frame: ControlFrame, reader: ControlSide) throws(ControlError) {
        guard frame.version == ControlFrame.currentVersion || frame.kind == ControlMessageKind.refused.rawValue else {
            throw .versionMismatch(theirs: frame.version, reader: reader)
        }
        guard let kind = ControlMessageKind(rawValue: frame.kind) else { throw .unknownKind(frame.kind) }
        switch kind {
        case .attach: self = .attach(try AttachRequest(fields: frame.payload))
        case .detach: self = .detach
        case .status: self = .status
        case .reload: self = .reload
        case .restart: self = .restart(pluginID: try Self.pluginID(frame.payload))
        case .attached: self = .attached(try Attached(fields: frame.payload))
        case .refused: self = .refused(try Refusal(fields: frame.payload))
        case .log: self = .log(try LogRecord(fields: frame.payload))
        case .ended: self = .ended(try EndReason(fields: frame.payload))
        case .statusReport: self = .statusReport(try Self.report(frame.payload))
        case .reloadReport: self = .reloadReport(try Self.report(frame.payload))
        case .restarted: self = .restarted(try Restarted(fields: frame.payload))
        }
    }

    private static func pluginID(_ payload: [UInt8]) throws(ControlError) -> String {
        var found: String?
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            if field.tag == 1 { found = try field.string("the plugin's id") }
        }
        guard let found else { throw .missing("plugin id") }
        return found
    }

    private static func report(_ payload: [UInt8]) throws(ControlError) -> [UInt8] {
        var found: [UInt8]?
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            if field.tag == 1 { found = Array(field.value) }
        }
        guard let found else { throw .missing("report") }
        return found
    }
}

extension AttachRequest {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var directory: String?
        var executableName: String?
        var workingDirectory: String?
        var magicCookieValue: String?
        var request = AttachRequest(
            directory: "", executableName: "", environment: [], arguments: [], workingDirectory: "", magicCookieValue: "",
            logsWanted: false)
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case Tag.directory: directory = try field.string("the plugin's directory")
            case Tag.executableName: executableName = try field.string("the executable's name")
            case Tag.environment:
                guard request.environment.count < ControlLimits.environmentEntries else {
                    throw .tooMany("environment variables", limit: ControlLimits.environmentEntries)
                }
                request.environment.append(try field.pair("an environment variable"))
            case Tag.argument:
                guard request.arguments.count < ControlLimits.arguments else {
                    throw .tooMany("arguments", limit: ControlLimits.arguments)
                }
                request.arguments.append(try field.string("an argument"))
            case Tag.workingDirectory: workingDirectory = try field.string("the working directory")
            case Tag.magicCookieValue: magicCookieValue = try field.string("the magic cookie")
            case Tag.hostSocket: request.hostSocket = try field.string("the host socket")
            case Tag.logsWanted: request.logsWanted = try field.bool("wish for logs")
            case Tag.hostSocketDirectory: request.hostSocketDirectory = try field.string("the socket directory")
            case Tag.hostSocketGroup: request.hostSocketGroup = try field.string("the socket group")
            default: break
            }
        }
        guard let directory else { throw .missing("plugin directory") }
        guard let executableName else { throw .missing("executable name") }
        guard let workingDirectory else { throw .missing("working directory") }
        guard let magicCookieValue else { throw .missing("magic cookie") }
        request.directory = directory
        request.executableName = executableName
        request.workingDirectory = workingDirectory
        request.magicCookieValue = magicCookieValue
        self = request
    }
}

extension Attached {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var hostSocket: String?
        var attachmentID: String?
        var pluginID: String?
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case 1: hostSocket = try field.string("the host socket")
            case 2: attachmentID = try field.string("the attachment's id")
            case 3: pluginID = try field.string("the plugin's id")
            default: break
            }
        }
        guard let hostSocket else { throw .missing("host socket") }
        guard let attachmentID else { throw .missing("attachment id") }
        guard let pluginID else { throw .missing("plugin id") }
        self.init(hostSocket: hostSocket, attachmentID: attachmentID, pluginID: pluginID)
    }
}

extension Refusal {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var code = Code.other
        var message: String?
        var remedy = ""
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case 1: code = Code(rawValue: try field.string("the code")) ?? .other
            case 2: message = try field.string("the message")
            case 3: remedy = try field.string("the remedy")
            default: break
            }
        }
        guard let message else { throw .missing("message") }
        self.init(code: code, message: message, remedy: remedy)
    }
}

extension EndReason {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var code = Code.other
        var message: String?
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case 1: code = Code(rawValue: try field.string("the code")) ?? .other
            case 2: message = try field.string("the message")
            default: break
            }
        }
        guard let message else { throw .missing("message") }
        self.init(code: code, message: message)
    }
}

extension Restarted {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var pluginID: String?
        var attachments: Int64 = 0
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case 1: pluginID = try field.string("the plugin's id")
            case 2: attachments = try field.int64("number of attachments")
            default: break
            }
        }
        guard let pluginID else { throw .missing("plugin id") }
        self.init(pluginID: pluginID, attachments: Int(clamping: attachments))
    }
}

extension LogRecord {
    fileprivate init(fields payload: [UInt8]) throws(ControlError) {
        var record = LogRecord(level: .info, message: "", timestampMicroseconds: 0)
        var message: String?
        try ReceivedField.each(in: payload) { (field) throws(ControlError) in
            switch field.tag {
            case Tag.level: record.level = Level(rawValue: try field.string("the level")) ?? .info
            case Tag.message: message = try field.string("the message")
            case Tag.timestamp: record.timestampMicroseconds = try field.int64("time")
            case Tag.module: record.module = try field.string("the module")
            case Tag.field:
                guard record.fields.count < Self.maximumFields else { throw .tooMany("fields", limit: Self.maximumFields) }
                record.fields.append(try field.pair("a field"))
            default: break
            }
        }
        guard let message else { throw .missing("message") }
        record.message = message
        self = record
    }
}
