import CLinux
import Foundation
import Glibc
import Testing

@Suite(.serialized) struct SpawnTests {
    private func status(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix("\(name):") }?.split(separator: "\t").last.map(String.init)
    }

    @Test func argumentsAndEnvironmentArriveExactlyAndNothingElseDoes() throws {
        let child = try Child(["/usr/bin/env", "-0"], environment: ["A=1", "B=two words", "EMPTY="])
        #expect(child.text() == "A=1\0B=two words\0EMPTY=\0")
        #expect(child.wait() == 0)
    }

    @Test func onlyTheStandardStreamsAreOpenInTheChild() throws {
        // One that was left without close-on-exec by somebody else, high up.
        let stray = dup2(open("/dev/null", O_RDONLY), 700)
        defer { close(stray) }
        let child = try Child(["/bin/ls", "/proc/self/fd"])
        // 3 is ls's own view of the directory.
        #expect(child.text() == "0\n1\n2\n3\n")
        #expect(child.wait() == 0)
    }

    @Test func theWorkingDirectoryIsTheOneOfTheDescriptor() throws {
        let directory = open("/usr/share", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(directory) }
        let child = try Child(["/bin/pwd"], directory: directory)
        #expect(child.text() == "/usr/share\n")
    }

    @Test func theChildLeadsItsOwnGroupWithDefaultSignalsAndNoneBlocked() throws {
        // Handlers and masks of a busy parent: an ignored signal would survive the exec.
        let previous = signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, previous) }
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        let child = try Child(["/bin/cat", "/proc/self/status", "/proc/self/stat"])
        var after = sigset_t()
        pthread_sigmask(SIG_SETMASK, &before, &after)
        #expect(sigismember(&after, SIGTERM) == 1)

        let text = child.text()
        #expect(status("SigBlk", in: text) == "0000000000000000")
        #expect(status("SigIgn", in: text) == "0000000000000000")
        let fields = text.split(separator: "\n").last?.split(separator: " ") ?? []
        #expect(fields.count > 4 && fields[4] == "\(child.pid)")
    }

    @Test func streamsMayHaveAnyNumbersEvenEachOthers() throws {
        let scratch = try Scratch()
        let file = open(try scratch.file("in", "through", mode: 0o600), O_RDONLY | O_CLOEXEC)
        let child = try Child(["/bin/cat"], input: file)
        close(file)
        #expect(child.text() == "through")
        #expect(child.wait() == 0)
    }

    @Test func aScriptRunsWhenItsFileStaysOpenAndFailsWhenNot() throws {
        let scratch = try Scratch()
        let path = try scratch.file("plugin", "#!/bin/sh\necho \"$1\"; ls /proc/$$/fd\n", mode: 0o700)
        let child = try Child([path, "argument"], keepOpen: true)
        let lines = child.text().split(separator: "\n")
        #expect(lines.first == "argument")
        #expect(lines.contains("3"))
        #expect(child.wait() == 0)

        let failure = #expect(throws: SpawnFailure.self) { try Child([path]) }
        #expect(failure?.number == ENOENT)
        #expect(failure?.stageName == "running the file")
    }

    @Test func theFileThatWasOpenedRunsThoughItsNameIsAnotherByNow() throws {
        let scratch = try Scratch()
        let path = try scratch.file("plugin", "", mode: 0o700)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: "/bin/echo", toPath: path)
        let checked = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(checked) }
        try FileManager.default.removeItem(atPath: path)
        _ = try scratch.file("plugin", "#!/bin/false\n", mode: 0o700)
        let child = try Child([path, "the checked file"], executable: checked)
        #expect(child.text() == "the checked file\n")
    }

    @Test(
        arguments: [(0o600, "#!/bin/sh\n", EACCES), (0o700, "no program", ENOEXEC), (0o700, "", ENOEXEC)]
            as [(mode_t, String, Int32)])
    func aFileThatCannotRunIsReportedAndLeavesNothingBehind(mode: mode_t, text: String, number: Int32) throws {
        let scratch = try Scratch()
        let path = try scratch.file("plugin", text, mode: mode)
        let before = openDescriptors()
        for _ in 0..<20 {
            let failure = #expect(throws: SpawnFailure.self) { try Child([path], keepOpen: true) }
            #expect(failure?.number == number)
            #expect(failure?.stage == Int32(pg_stage_exec.rawValue))
        }
        #expect(openDescriptors() <= before + 4)
    }

    @Test func aDirectoryDescriptorThatIsNoneIsReportedAsThatStep() throws {
        let file = open("/bin/true", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let failure = #expect(throws: SpawnFailure.self) { try Child(["/bin/true"], directory: file) }
        #expect(failure?.number == ENOTDIR)
        #expect(failure?.stage == Int32(pg_stage_directory.rawValue))
    }

    @Test func aClosedExecutableIsRefusedBeforeAnythingStarts() {
        let failure = #expect(throws: SpawnFailure.self) { try Child(["/bin/true"], executable: -1) }
        #expect(failure?.stage == Int32(pg_stage_prepare.rawValue))
    }

    /// The signal follows the thread that spawned, not the process.
    @Test func theChildDiesWithTheThreadThatStartedIt() throws {
        nonisolated(unsafe) var child: Child?
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            child = try? Child(["/bin/sleep", "600"], deathSignal: SIGKILL)
            done.signal()
        }
        thread.start()
        done.wait()
        #expect(child?.wait() == -SIGKILL)
    }

    @Test func aChildWithoutADeathSignalOutlivesTheThread() throws {
        nonisolated(unsafe) var child: Child?
        let done = DispatchSemaphore(value: 0)
        Thread {
            child = try? Child(["/bin/cat"])
            done.signal()
        }.start()
        done.wait()
        // Its standard input is /dev/null: it ends by itself.
        #expect(child?.wait() == 0)
    }

    @Test func manyThreadsMaySpawnAtOnce() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for round in 0..<25 {
                        let child = try Child(["/bin/echo", "\(number) \(round)"])
                        let (text, status) = (child.text(), child.wait())
                        if text != "\(number) \(round)\n" || status != 0 { return false }
                    }
                    return true
                }
            }
            for try await good in group { #expect(good) }
        }
    }

    @Test(arguments: [0, 1] as [Int32]) func everythingFromANumberOnCanBeClosedWithAndWithoutTheSystemCall(old: Int32) throws {
        // Swift does not import these two.
        typealias Unshare = @convention(c) (Int32) -> Int32
        let cloneFiles: Int32 = 0x400
        let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)

        nonisolated(unsafe) var open: [Int32] = []
        let done = DispatchSemaphore(value: 0)
        // On a thread with a descriptor table of its own, so that this process keeps its files.
        Thread {
            defer { done.signal() }
            guard unshare(cloneFiles) == 0 else { return }
            for number: Int32 in [300, 301, 555] { dup2(STDIN_FILENO, number) }
            _ = pg_close_from(300, old)
            open = ([STDIN_FILENO] + (300..<600)).filter { fcntl($0, F_GETFD) >= 0 }
        }.start()
        done.wait()
        #expect(open == [STDIN_FILENO])
    }
}
