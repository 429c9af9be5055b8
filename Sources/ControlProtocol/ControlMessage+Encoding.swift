extension ControlMessage {
    package var kind: ControlMessageKind {
        switch self {
        case .attach: .attach
        case .detach: .detach
        case .status: .status
        case .restart: .restart
        case .reload: .reload
        case .attached: .attached
        case .refused: .refused
        case .log: .log
        case .ended: .ended
        case .statusReport: .statusReport
        case .restarted: .restarted
        case .reloadReport: .reloadReport
        }
    }

    /// The message as a frame, ready to be sent. Throws when it is over a limit or a string in it contains a NUL.
    package func encoded() throws(ControlError) -> [UInt8] {
        var writer = FieldWriter()
        switch self {
        case .attach(let request): try request.write(to: &writer)
        case .detach, .status, .reload: break
        case .restart(let pluginID): try writer.put(1, pluginID, "the plugin's id")
        case .attached(let attached):
            try writer.put(1, attached.hostSocket, "the host socket")
            try writer.put(2, attached.attachmentID, "the attachment's id")
            try writer.put(3, attached.pluginID, "the plugin's id")
        case .refused(let refusal):
            try writer.put(1, refusal.code.rawValue, "the code")
            try writer.put(2, refusal.message, "the message")
            try writer.put(3, refusal.remedy, "the remedy")
        case .log(let record): try record.bounded.write(to: &writer)
        case .ended(let reason):
            try writer.put(1, reason.code.rawValue, "the code")
            try writer.put(2, reason.message, "the message")
        case .statusReport(let json), .reloadReport(let json): try writer.put(1, json)
        case .restarted(let restarted):
            try writer.put(1, restarted.pluginID, "the plugin's id")
            try writer.put(2, Int64(restarted.attachments))
        }
        return try ControlFrame(kind: kind.rawValue, payload: writer.bytes).encoded()
    }
}

extension AttachRequest {
    enum Tag {
        static let directory: UInt8 = 1
        static let executableName: UInt8 = 2
        static let environment: UInt8 = 3
        static let argument: UInt8 = 4
        static let workingDirectory: UInt8 = 5
        static let magicCookieValue: UInt8 = 6
        static let hostSocket: UInt8 = 7
        static let logsWanted: UInt8 = 8
        static let hostSocketDirectory: UInt8 = 9
        static let hostSocketGroup: UInt8 = 10
    }

    fileprivate func write(to writer: inout FieldWriter) throws(ControlError) {
        guard environment.count <= ControlLimits.environmentEntries else {
            throw .tooMany("environment variables", limit: ControlLimits.environmentEntries)
        }
        guard arguments.count <= ControlLimits.arguments else { throw .tooMany("arguments", limit: ControlLimits.arguments) }
        try writer.put(Tag.directory, directory, "the plugin's directory")
        try writer.put(Tag.executableName, executableName, "the executable's name")
        for entry in environment { try writer.put(Tag.environment, entry, "an environment variable") }
        for argument in arguments { try writer.put(Tag.argument, argument, "an argument") }
        try writer.put(Tag.workingDirectory, workingDirectory, "the working directory")
        try writer.put(Tag.magicCookieValue, magicCookieValue, "the magic cookie")
        if let hostSocket { try writer.put(Tag.hostSocket, hostSocket, "the host socket") }
        try writer.put(Tag.logsWanted, logsWanted)
        if let hostSocketDirectory { try writer.put(Tag.hostSocketDirectory, hostSocketDirectory, "the socket directory") }
        if let hostSocketGroup { try writer.put(Tag.hostSocketGroup, hostSocketGroup, "the socket group") }
    }
}

extension LogRecord {
    enum Tag {
        static let level: UInt8 = 1
        static let message: UInt8 = 2
        static let timestamp: UInt8 = 3
        static let module: UInt8 = 4
        static let field: UInt8 = 5
    }

    fileprivate func write(to writer: inout FieldWriter) throws(ControlError) {
        try writer.put(Tag.level, level.rawValue, "the level")
        try writer.put(Tag.message, message, "the message")
        try writer.put(Tag.timestamp, timestampMicroseconds)
        try writer.put(Tag.module, module, "the module")
        for field in fields { try writer.put(Tag.field, field, "a field") }
    }
}
