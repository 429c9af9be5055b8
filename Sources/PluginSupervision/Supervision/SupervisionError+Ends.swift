extension SupervisionError {
    static let stopping = SupervisionError(
        .stopped, "the plugin is being stopped", side: .nobody, remedy: "call again once the host has started it anew")

    static let cancelled = SupervisionError(
        .stopped, "the call that waited for the plugin was cancelled", side: .nobody, remedy: "call again")

    static func over(_ end: SupervisionEnd) -> SupervisionError {
        switch end {
        case .stopped:
            SupervisionError(
                .stopped, "the plugin was stopped", side: .nobody, remedy: "call again once the host has started it anew")
        case .shutDown:
            SupervisionError(
                .shutDown, "the host shut the plugin down", side: .nobody, remedy: "call again once the host has started it anew")
        }
    }

    /// The end of a process that had been running.
    static func ended(_ status: ExitStatus, lastWords: [String]) -> SupervisionError {
        let isSignal = if case .signal = status { true } else { false }
        return SupervisionError(
            isSignal ? .crashed : .exited, "the plugin ended unexpectedly with \(status)", side: .plugin,
            remedy: "the gateway starts it again; see its last words for the reason", lastWords: lastWords)
    }
}

extension SupervisionError {
    /// The file to be run cannot be run now: missing, refused by the attach authority, or still being written.
    init(_ refusal: AttachRefusal) {
        let code: Code =
            switch refusal.code {
            case .directoryMissing, .executableMissing, .notADirectory: .executableMissing
            case .outOfDescriptors: .outOfDescriptors
            default: .executableRefused
            }
        self.init(
            code, "its executable cannot be run: \(refusal.message)", side: code == .outOfDescriptors ? .gateway : .nobody,
            remedy: refusal.remedy)
    }

    static let changing = SupervisionError(
        .executableChanging, "the plugin's executable is being replaced", side: .nobody,
        remedy: "let the installation finish: the plugin is started as soon as its files are complete")

    /// Whether the process could not be started for want of a file that may be run, which is not the plugin's failure.
    var isAboutFile: Bool {
        switch code {
        case .executableMissing, .executableRefused, .executableChanging, .executableBusy: true
        default: false
        }
    }
}
