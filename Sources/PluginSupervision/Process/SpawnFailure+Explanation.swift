internal import Glibc

extension SupervisionError {
    /// A process that could not be started, in terms of what to change.
    init(_ failure: SpawnFailure, path: String) {
        let remedy: String
        var side = Side.plugin
        var code = Code.spawnFailed
        switch failure.number {
        case ENOEXEC:
            remedy =
                "install the plugin's build for this machine's architecture; a script needs #! and its interpreter in the first line"
        case ENOENT:
            remedy =
                "the interpreter or dynamic loader it names is missing on this machine: install it, or a build that does not need it"
        case EACCES, EPERM:
            side = .gateway
            remedy = "let the gateway's user execute it, and mount its file system without noexec"
        case ETXTBSY:
            code = .executableBusy
            remedy = "something still writes to it: let the upgrade finish"
        case E2BIG:
            side = .host
            remedy = "the host hands over more arguments and environment than the kernel takes: shorten them"
        case EMFILE, ENFILE:
            side = .gateway
            code = .outOfDescriptors
            remedy = "raise LimitNOFILE= of the gateway's service"
        case EAGAIN, ENOMEM:
            side = .gateway
            remedy = "raise TasksMax= or the memory limit of the gateway's service"
        default:
            side = .gateway
            remedy = "see the cause"
        }
        self.init(
            code, "the plugin's executable \(path) could not be started (\(failure.step))", cause: systemMessage(failure.number),
            side: side, remedy: remedy)
    }
}
