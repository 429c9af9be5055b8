#!/usr/bin/python3
"""Started as a plugin in a booted system (see access.py): tries what the unit's sandbox forbids, and some of what it allows, and reports."""

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
results = {}


def call(name, *arguments):
    if getattr(libc, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def attempt(what, expected, action):
    """Expected: the names of the errors of which one must come; none where it must work."""
    try:
        action()
        outcome = "works"
    except OSError as error:
        outcome = errno.errorcode.get(error.errno, str(error.errno))
    results[what] = None if outcome in (expected or ["works"]) else f"{what}: {outcome}, not {' or '.join(expected or ['works'])}"


def status(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith(name + ":"))


def fact(what, found, expected):
    results[what] = None if found == expected else f"{what}: {found}, not {expected}"


def write(path):
    with open(path, "w", encoding="ascii") as file:
        file.write("x")
    os.unlink(path)


def suid():
    path = os.path.join(os.environ["TMPDIR"], "suid")
    write(path)
    open(path, "w", encoding="ascii").close()
    os.chmod(path, 0o4755)


fact("NoNewPrivs", status("NoNewPrivs"), "1")
fact("Seccomp", status("Seccomp"), "2")
fact("Umask", status("Umask"), "0027")
for capabilities in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
    fact(capabilities, int(status(capabilities), 16), 0)
fact("core files", resource.getrlimit(resource.RLIMIT_CORE), (0, 0))
fact("others' processes", [name for name in os.listdir("/proc") if name.isdigit() and os.stat(f"/proc/{name}").st_uid != os.getuid()], [])
fact("/tmp", os.path.exists("/tmp/of-others"), False)
fact("devices", sorted(set(os.listdir("/dev")) & {"mem", "kmsg", "port", "sda", "vda", "kvm", "fuse"}), [])
fact("/home", os.listdir("/home") if os.access("/home", os.R_OK) else [], [])

for directory in "/usr", "/etc", "/var/lib", "/opt", "/boot":
    attempt(f"writing to {directory}", ["EROFS"], lambda directory=directory: write(f"{directory}/probe"))
attempt("changing a kernel setting", ["EROFS", "EACCES"], lambda: write("/proc/sys/kernel/hostname"))
attempt("making a control group", ["EROFS", "EACCES"], lambda: os.mkdir("/sys/fs/cgroup/probe"))
attempt("writing beside the data", [], lambda: write("/var/lib/grafana/probe"))
attempt("writing to the own temporary directory", [], lambda: write(os.path.join(os.environ["TMPDIR"], "probe")))
for family in "AF_INET", "AF_INET6", "AF_UNIX":
    attempt(family, [], lambda family=family: socket.socket(getattr(socket, family), socket.SOCK_STREAM).close())
for family in "AF_NETLINK", "AF_PACKET", "AF_VSOCK":
    attempt(family, ["EAFNOSUPPORT"], lambda family=family: socket.socket(getattr(socket, family), socket.SOCK_DGRAM).close())
attempt("memory that is writable and executable", ["EPERM"],
        lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC))
attempt("a user namespace", ["EPERM"], lambda: call("unshare", 0x10000000))
attempt("another execution domain", ["EPERM"], lambda: call("personality", 0x0004))
attempt("realtime scheduling", ["EPERM"], lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
attempt("a file that changes identity", ["EPERM"], suid)
attempt("mounting", ["EPERM"], lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, None))
attempt("setting the clock", ["EPERM"], lambda: call("settimeofday", (ctypes.c_long * 2)(1, 0), None))
attempt("naming the host", ["EPERM"], lambda: call("sethostname", b"x", 1))
attempt("a higher priority", ["EPERM"], lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
attempt("loading a module", ["EPERM"], lambda: call("syscall", 175, None, 0, b""))
attempt("the kernel's log", ["EPERM"], lambda: call("klogctl", 3, ctypes.create_string_buffer(64), 64))
attempt("tracing", ["EPERM"], lambda: call("syscall", 101, 16, os.getppid(), 0, 0))

wrong = [remark for remark in results.values() if remark]
print("probe: " + json.dumps({"attempts": len(results), "wrong": wrong}), file=sys.stderr, flush=True)
sys.exit(1)
