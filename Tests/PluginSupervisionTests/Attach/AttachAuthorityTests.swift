import Foundation
import Glibc
import PluginSupervision
import Testing

@Suite("Attach authority")
struct AttachAuthorityTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func refusal(
        _ directory: String, _ name: String = "plugin.wrapped", roots: [String]? = nil, owner: UInt32? = nil
    ) -> AttachRefusal? {
        do throws(AttachRefusal) {
            _ = try PluginExecutable.open(directory: directory, name: name, roots: roots ?? [scratch.path], owner: owner)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a plugin beneath a root is opened`() throws {
        let directory = try scratch.plugin()
        let executable = try PluginExecutable.open(
            directory: directory, name: "plugin.wrapped", roots: ["/nowhere", scratch.path])
        #expect(executable.path == "\(directory)/plugin.wrapped")
        #expect(executable.directory == directory)
    }

    @Test func `an executable in a subdirectory is opened`() throws {
        let directory = try scratch.plugin()
        _ = try scratch.directory("plugin-a/dist")
        try scratch.file("plugin-a/dist/backend", "#!/bin/sh\n", mode: 0o755)
        #expect(refusal(directory, "dist/backend") == nil)
    }

    @Test func `the identity changes with the file and not with the path`() throws {
        let directory = try scratch.plugin()
        let open = {
            try PluginExecutable.open(directory: directory, name: "plugin.wrapped", roots: [self.scratch.path]).identity
        }
        let first = try open()
        #expect(try open() == first)
        try scratch.file("plugin-a/new", "#!/bin/sh\nexit 1\n", mode: 0o755)
        rename("\(directory)/new", "\(directory)/plugin.wrapped")
        #expect(try open() != first)
    }

    @Test(arguments: [
        "relative/plugin", "", "/tmp/../etc", "/tmp/./x", "/tmp/a\u{0}b", "/tmp/a\nb", "/" + String(repeating: "x/", count: 3000),
    ])
    func `a malformed directory is refused`(directory: String) {
        #expect(refusal(directory)?.code == .directoryMalformed)
    }

    @Test(arguments: ["", ".", "..", "../plugin.wrapped", "/bin/sh", "a//b", "a/../b", "a\u{0}b", "a/"])
    func `a malformed name is refused`(name: String) throws {
        #expect(refusal(try scratch.plugin(), name)?.code == .nameMalformed)
    }

    @Test func `a directory outside the roots is refused`() throws {
        let other = try Scratch()
        let refused = refusal(try other.plugin())
        #expect(refused?.code == .outsideRoots)
        #expect(refused?.message.contains(other.path) == true)
        #expect(refused?.remedy.contains("plugin_roots") == true)
    }

    @Test func `a root's name as a prefix is not enough`() throws {
        let directory = try scratch.plugin("root-but-longer")
        _ = try scratch.directory("root")
        #expect(refusal(directory, roots: ["\(scratch.path)/root"])?.code == .outsideRoots)
    }

    @Test func `the root itself is no plugin directory`() throws {
        try scratch.file("plugin.wrapped", "#!/bin/sh\n", mode: 0o755)
        #expect(refusal(scratch.path)?.code == .outsideRoots)
    }

    @Test func `without roots nothing is attached`() throws {
        #expect(refusal(try scratch.plugin(), roots: [])?.code == .noRoots)
    }

    @Test func `a missing root is named`() throws {
        let refused = refusal(try scratch.plugin(), roots: ["/nowhere/at/all"])
        #expect(refused?.code == .rootUnusable)
        #expect(refused?.message.contains("/nowhere/at/all") == true)
    }

    @Test func `a symbolic link in the way is refused wherever it leads`() throws {
        let directory = try scratch.plugin()
        symlink(directory, "\(scratch.path)/link")
        #expect(refusal("\(scratch.path)/link")?.code == .symbolicLink)
        symlink("/bin/sh", "\(directory)/linked.wrapped")
        #expect(refusal(directory, "linked.wrapped")?.code == .symbolicLink)
    }

    @Test func `a root may be named by a symbolic link, and plugins by either path`() throws {
        let real = try Scratch()
        let plugin = try real.plugin()
        symlink(real.path, "\(scratch.path)/link")
        #expect(refusal("\(scratch.path)/link/plugin-a", roots: ["\(scratch.path)/link"]) == nil)
        #expect(refusal(plugin, roots: ["\(scratch.path)/link"]) == nil)
    }

    @Test func `a link to a root in a directory of others is refused`() throws {
        let real = try Scratch()
        _ = try real.plugin()
        let open = try scratch.directory("open", mode: 0o777)
        symlink(real.path, "\(open)/link")
        #expect(refusal("\(open)/link/plugin-a", roots: ["\(open)/link"])?.code == .writableByOthers)
    }

    @Test func `a link to a link to a root in a directory of others is refused`() throws {
        let real = try Scratch()
        _ = try real.plugin()
        let open = try scratch.directory("open", mode: 0o777)
        symlink(real.path, "\(open)/inner")
        symlink("open/../open/inner", "\(scratch.path)/outer")
        let refused = refusal("\(scratch.path)/outer/plugin-a", roots: ["\(scratch.path)/outer"])
        #expect(refused?.code == .writableByOthers)
        #expect(refused?.message.contains("directory \(open) ") == true)
        chmod(open, 0o755)
        #expect(refusal("\(scratch.path)/outer/plugin-a", roots: ["\(scratch.path)/outer"]) == nil)
        #expect(refusal(real.path + "/plugin-a", roots: ["\(scratch.path)/./open/../outer"]) == nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a link of another user's in the way to a root is refused, even in a sticky directory`() throws {
        let real = try Scratch()
        let plugin = try real.plugin()
        let link = "\(try scratch.directory("shared", mode: 0o1777))/link"
        symlink(real.path, link)
        #expect(refusal("\(link)/plugin-a", roots: [link]) == nil)
        lchown(link, 12345, 12345)
        for directory in ["\(link)/plugin-a", plugin] {
            let refused = refusal(directory, roots: [link])
            #expect(refused?.code == .symbolicLink)
            #expect(refused?.message.contains("\(link) of uid 12345") == true)
            #expect(refused?.remedy.contains(real.path) == true)
        }
        // Its own user's gateway trusts it, though not the directories of others.
        #expect(refusal("\(link)/plugin-a", roots: [link], owner: 12345) == nil)
    }

    @Test func `what is missing is named`() throws {
        let directory = try scratch.plugin()
        #expect(refusal("\(scratch.path)/other")?.code == .directoryMissing)
        let refused = refusal(directory, "absent.wrapped")
        #expect(refused?.code == .executableMissing)
        #expect(refused?.message.contains("absent.wrapped") == true)
    }

    @Test func `a file in the place of the directory is refused`() throws {
        try scratch.file("file")
        #expect(refusal("\(scratch.path)/file")?.code == .notADirectory)
    }

    @Test func `only regular files are executed`() throws {
        let directory = try scratch.plugin()
        _ = try scratch.directory("plugin-a/dir")
        #expect(refusal(directory, "dir")?.code == .notARegularFile)
        mkfifo("\(directory)/fifo", 0o755)
        #expect(refusal(directory, "fifo")?.code == .notARegularFile)
    }

    @Test func `a file without an executable bit is refused`() throws {
        let directory = try scratch.plugin()
        chmod("\(directory)/plugin.wrapped", 0o644)
        let refused = refusal(directory)
        #expect(refused?.code == .notExecutable)
        #expect(refused?.message.contains("644") == true)
    }

    @Test(arguments: [mode_t(0o4755), 0o2755])
    func `a file that changes identity is refused`(mode: mode_t) throws {
        let directory = try scratch.plugin()
        chmod("\(directory)/plugin.wrapped", mode)
        #expect(refusal(directory)?.code == .changesIdentity)
    }

    @Test(arguments: [mode_t(0o775), 0o757, 0o777])
    func `an executable that others can write is refused`(mode: mode_t) throws {
        let directory = try scratch.plugin()
        chmod("\(directory)/plugin.wrapped", mode)
        let refused = refusal(directory)
        #expect(refused?.code == .writableByOthers)
        #expect(refused?.message.contains(String(mode, radix: 8)) == true)
        #expect(refused?.remedy.contains("chmod go-w") == true)
    }

    @Test func `a directory that others can write is refused, at every level`() throws {
        _ = try scratch.directory("root/shelf")
        let directory = try scratch.plugin("root/shelf/plugin")
        let root = "\(scratch.path)/root"
        for level in [directory, "\(root)/shelf", root, scratch.path] {
            chmod(level, 0o775)
            let refused = refusal(directory, roots: [root])
            #expect(refused?.code == .writableByOthers)
            #expect(refused?.message.contains("directory \(level) ") == true)
            chmod(level, 0o755)
        }
        #expect(refusal(directory, roots: [root]) == nil)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a sticky directory of root's is accepted above the root and refused from there on`() throws {
        _ = try scratch.directory("shared/root")
        let directory = try scratch.plugin("shared/root/plugin")
        chmod("\(scratch.path)/shared", 0o1777)
        #expect(refusal(directory, roots: ["\(scratch.path)/shared/root"]) == nil)
        #expect(refusal(directory, roots: ["\(scratch.path)/shared"])?.code == .writableByOthers)
    }

    @Test func `files of another user are refused`() throws {
        let directory = try scratch.plugin()
        let file = "\(directory)/plugin.wrapped"
        if geteuid() == 0 {
            chown(file, 12345, 12345)
            let refused = refusal(directory)
            #expect(refused?.code == .untrustedOwner)
            #expect(refused?.message.contains("uid 12345") == true)
            // That user's own gateway may run it, but for the directories it is the same.
            #expect(refusal(directory, owner: 12345) == nil)
            chown(file, 0, 0)
            chown(directory, 12345, 12345)
            #expect(refusal(directory)?.code == .untrustedOwner)
        } else {
            #expect(refusal(directory, owner: geteuid() + 1)?.code == .untrustedOwner)
        }
    }

    @Test func `a refused attempt leaves no descriptor behind`() throws {
        let directory = try scratch.plugin()
        chmod("\(directory)/plugin.wrapped", 0o775)
        _ = refusal(directory)
        // Other tests open descriptors meanwhile, so it is the paths that are looked for.
        let mine = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.filter { descriptor in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)"))?.hasPrefix(scratch.path)
                == true
        }
        #expect(mine == [])
    }
}
