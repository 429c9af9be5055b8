/// The kinds of events in the journal. Each has a fixed MESSAGE_ID, the key to its entry in `deploy/plugin-gateway.catalog`.
///
/// A new kind: a case and an id here (`systemd-id128 new`), its row in `EventKind+Description.swift`, its entry in the catalog, and
/// `.ci/documents.sh write`, which prints docs/journal.md again.
/// An id is never used for anything else later; a changed meaning gets a new kind.
package enum EventKind: String, Sendable, CaseIterable {
    case gatewayStarted = "gateway-started"
    case gatewayStopping = "gateway-stopping"
    case gatewayStalled = "gateway-stalled"
    case configuration = "configuration"
    case attachRefused = "attach-refused"
    case pluginAttached = "plugin-attached"
    case pluginDetached = "plugin-detached"
    case pluginStarted = "plugin-started"
    case pluginNegotiated = "plugin-negotiated"
    case pluginServing = "plugin-serving"
    case pluginDraining = "plugin-draining"
    case pluginIdle = "plugin-idle"
    case pluginBroken = "plugin-broken"
    case upgradeTried = "upgrade-tried"
    case upgradeFailed = "upgrade-failed"
    case callsCut = "calls-cut"
    case pluginStartFailed = "plugin-start-failed"
    case pluginEnded = "plugin-ended"
    case pluginLog = "plugin-log"
    case lossFirstSeen = "loss-first-seen"
    case transport = "transport"
    case pluginSnapshot = "plugin-snapshot"
    case gatewaySnapshot = "gateway-snapshot"
    case metricsSnapshot = "metrics-snapshot"

    /// 128 random bits in hexadecimal, as `journalctl MESSAGE_ID=` takes them.
    package var messageID: String {
        switch self {
        case .gatewayStarted: "c0365f652fbb465993f64097cf956fdb"
        case .gatewayStopping: "bfb1b774e9444704bce73236ef923dbc"
        case .gatewayStalled: "0d4b63b0702f45bf94e938db39f422f7"
        case .configuration: "7aa762e4f9594aa281e8bb322c53c2a3"
        case .attachRefused: "4f6c826d107e463f8ee8bcf892dc6641"
        case .pluginAttached: "5a08571374624980a0060f0841bbe5a0"
        case .pluginDetached: "4ff67bfdb5da49efa543e4189ab057cc"
        case .pluginStarted: "0048502352ad43aebfb977567de8e177"
        case .pluginNegotiated: "afa3c9d356d54c3b8beb942756728030"
        case .pluginServing: "b967c72b864d4270857ea3c173980e33"
        case .pluginDraining: "db30fdaa071a4311bbb1019b70be1a68"
        case .pluginIdle: "ebc3476afbce4abbbbcded0aea31492d"
        case .pluginBroken: "b1d8eac250c94b94ad058bc138071462"
        case .upgradeTried: "8ad7b88daf104e498a966419093b563e"
        case .upgradeFailed: "6ef5e80fac3b41b1b8450357c3ab0b9d"
        case .callsCut: "941178edbeb94473a9099b048f3a24dc"
        case .pluginStartFailed: "2a41e69c087143068d0289a36f661360"
        case .pluginEnded: "7657d193ba464681ab8931e3284d3809"
        case .pluginLog: "c12a62dd5fdc4664ac72262834a25d62"
        case .lossFirstSeen: "e438141871da41948db6aa7fdf93af50"
        case .transport: "6866f1674c014b01bf0c21e2d9513868"
        case .pluginSnapshot: "94dcb367b7ba4b54b99c759753c83f7e"
        case .gatewaySnapshot: "af43090e10cf465dab403e91d4bdeb66"
        case .metricsSnapshot: "f2e8e89bc94a4ac195e380e543bcaefd"
        }
    }
}
