"""The unit in a booted systemd: its watchdog."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from rig import UNIT, check, run, settle, show, until

DROP_INS = pathlib.Path(f"/etc/systemd/system/{UNIT}.d")

# Stops one thread of another process, and goes away with it. SIGSTOP would stop all of its threads.
STOPS_A_THREAD = """
import ctypes, os, sys
WALL, SEIZE, INTERRUPT = 0x40000000, 0x4206, 0x4207
thread = int(sys.argv[1])
trace = ctypes.CDLL(None, use_errno=True).ptrace
trace.argtypes = [ctypes.c_long] * 4
for request in SEIZE, INTERRUPT:
    if trace(request, thread, 0, 0) < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
os.waitpid(thread, WALL)
print("stopped", flush=True)
try:
    while not os.WIFEXITED(status := os.waitpid(thread, WALL)[1]) and not os.WIFSIGNALED(status):
        pass
except ChildProcessError:
    pass
"""


def drop_in(name, *lines):
    DROP_INS.mkdir(exist_ok=True)
    (DROP_INS / name).write_text("\n".join(lines) + "\n")
    run("systemctl", "daemon-reload")


def without(name):
    (DROP_INS / name).unlink()
    run("systemctl", "daemon-reload")


def journal_of(invocation):
    run("journalctl", "--sync")
    return run("journalctl", f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}", "-o", "cat").stdout


def event_loops(pid):
    """The threads of a gateway's event loops."""
    threads = sorted(pathlib.Path(f"/proc/{pid}/task").iterdir())
    return [int(thread.name) for thread in threads if (thread / "comm").read_text().startswith("NIO-ELT")]


def stop_a_loop(pid):
    tracer = subprocess.Popen([sys.executable, "-c", STOPS_A_THREAD, str(event_loops(pid)[-1])], stdout=subprocess.PIPE, text=True)
    check(tracer.stdout.readline() == "stopped\n", "one event loop's thread is stopped")
    return tracer


def watchdog(host):
    """A gateway that hangs is ended and started again, and the plugin comes back; one that lives is left alone."""
    check(show("WatchdogUSec") == "30s", f"the unit's watchdog is {show('WatchdogUSec')}")
    drop_in("watchdog.conf", "[Service]", "WatchdogSec=2s")
    run("systemctl", "restart", UNIT)
    settle(host)
    pid, before = show("MainPID"), int(show("NRestarts"))
    # Twice as long as systemd waits.
    time.sleep(4)
    check(show("MainPID") == pid, "a gateway that lives is left alone")

    for what in "event loop", "process":
        pid, invocation = int(show("MainPID")), show("InvocationID")
        began, tracer = time.monotonic(), None
        if what == "process":
            os.kill(pid, signal.SIGSTOP)
        else:
            tracer = stop_a_loop(pid)
        until(f"a gateway with a hung {what} is replaced", lambda: show("MainPID") not in (str(pid), "0"))
        replaced = time.monotonic() - began
        settle(host)
        print(f"figure: a hung {what}, WatchdogSec=2s: another gateway after {replaced:.1f} s, a call answered after "
              f"{time.monotonic() - began:.1f} s", flush=True)
        said = journal_of(invocation)
        check("Watchdog timeout" in said, f"systemd says why it ended a gateway with a hung {what}: {said[-1500:]}")
        if tracer:
            check(tracer.wait(10) == 0, "the stopped thread went away with its process")
            check(re.search(r"does not answer: event loop \d+ of \d+ has not answered", said), "the journal names the loop that hangs")
    check(int(show("NRestarts")) == before + 2, f"systemd counts {int(show('NRestarts')) - before} restarts")
    without("watchdog.conf")
    run("systemctl", "restart", UNIT)
    settle(host)
