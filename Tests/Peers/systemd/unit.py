"""The unit in a booted systemd: at rest, with the wrong descriptors, when the gateway cannot start, and when it hangs."""

import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

from rig import CONFIGURATION, LAB, UNIT, Host, add_plugin, check, plugins, request, run, settle, show, until

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


def at_rest():
    """What is there before Grafana starts a plugin: a socket of the right mode, no process, and the sandbox."""
    check(run("systemctl", "is-active", "plugin-gateway.socket", fails=True).stdout.strip() == "active", "the socket listens")
    check(show("ActiveState") == "inactive" and show("MainPID") == "0", "nothing runs before a locator comes")
    for path, expected in ("/run/plugin-gateway", "grafana:grafana 750"), ("/run/plugin-gateway/control.sock", "grafana:grafana 660"):
        found = run("stat", "-c", "%U:%G %a", path).stdout.strip()
        check(found == expected, f"{path} is {found}, not {expected}")
    analysis = run("systemd-analyze", "security", "--no-pager", UNIT, fails=True).stdout
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", analysis).group(1))
    check(exposure <= 1.5, f"the exposure is {exposure}")
    total = int(re.search(r"MemTotal: +(\d+) kB", pathlib.Path("/proc/meminfo").read_text()).group(1)) * 1024
    check(0.7 * total < int(show("MemoryHigh")) < 0.9 * total, f"MemoryHigh is {show('MemoryHigh')} of {total}")
    count = in_force()
    print(f"figure: systemd-analyze security {UNIT}: exposure {exposure} (at most 1.5); {count} settings of the sandbox in force", flush=True)


def in_force():
    """Every setting of the sandbox is what systemd says it does, also what it would merely remark on and leave out."""
    count = 0
    lines = (LAB / "deploy" / UNIT).read_text().split("# The sandbox holds", 1)[1].split("[Install]")[0].splitlines()
    settings = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    for name, value in settings:
        found = show(name)
        if name == "SystemCallFilter":
            # systemd lists the calls: one that is in, two that are out, and one that is in again.
            calls = set(found.split())
            holds = {"read", "chown"} <= calls and not {"mount", "setpriority"} & calls
        elif name == "ReadWritePaths":
            holds = found.lstrip("-") == value.lstrip("-")
        elif name == "SystemCallErrorNumber":
            holds = found in (value, "1")
        else:
            holds = sorted(found.split()) == sorted(value.split())
        check(holds, f"{name} is {found[:200]}, not {value}")
        count += 1
    return count


def descriptors():
    """A socket too many or too few is a clear error."""
    socket_drop_in = pathlib.Path("/etc/systemd/system/plugin-gateway.socket.d/wrong.conf")
    socket_drop_in.parent.mkdir()
    extra = pathlib.Path("/etc/systemd/system/extra.socket")
    copy = pathlib.Path("/etc/systemd/system/copy-of-gateway.service")
    # Once, and not again and again.
    drop_in("once.conf", "[Service]", "Restart=no")
    cases = [
        (extra, f"[Socket]\nListenStream=/run/extra.sock\nFileDescriptorName=extra\nService={UNIT}\n",
         "systemd handed over sockets that the gateway does not expect: extra", 78),
        (socket_drop_in, "[Socket]\nListenStream=/run/second.sock\n", "systemd passed 2 descriptors named \"control\"", 78),
        (socket_drop_in, "[Socket]\nListenStream=\nListenDatagram=/run/plugin-gateway/control.sock\n",
         "the descriptor \"control\" from systemd is not a listening unix stream socket", 78),
        (copy, (LAB / "deploy" / UNIT).read_text().replace("Restart=on-failure", "Restart=no"), "and handed no socket to this process", 69),
    ]
    for file, text, expected, code in cases:
        unit = copy.name if file == copy else UNIT
        file.write_text(text)
        run("systemctl", "stop", "plugin-gateway.socket", UNIT)
        run("systemctl", "daemon-reload")
        if file == extra:
            run("systemctl", "start", "extra.socket")
        run("systemctl", "start", "plugin-gateway.socket")
        check(run("systemctl", "start", unit, fails=True).returncode != 0, f"{file.name}: the service does not start")
        invocation = run("systemctl", "show", "--value", "-p", "InvocationID", unit).stdout.strip()
        said = journal_of(invocation)
        ended = run("systemctl", "show", "--value", "-p", "ExecMainStatus", unit).stdout.strip()
        check(expected in said, f"{file.name}: \"{expected}\" is said, not: {said[-1500:]}")
        check(ended == str(code), f"{file.name}: it ends with {ended}, not {code}")
        run("systemctl", "stop", unit, "plugin-gateway.socket", *(["extra.socket"] if file == extra else []))
        file.unlink()
        run("systemctl", "daemon-reload")
        run("systemctl", "reset-failed")
    without("once.conf")
    run("systemctl", "start", "plugin-gateway.socket")
    print(f"figure: {len(cases)} sets of descriptors that do not fit: {len(cases)} clear errors", flush=True)


def mended():
    """A gateway that cannot start is tried again and again, and serves who has waited as soon as it can."""
    run("systemctl", "stop", UNIT)
    CONFIGURATION.write_text("limits: {drain_cap: many}\n")
    before = int(show("NRestarts"))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(Host)
        # By default systemd gives up at the fifth start within 10 s, and the socket with it.
        until("it is tried again and again", lambda: int(show("NRestarts")) - before >= 7)
        check(not waiting.done(), "the locator waits meanwhile")
        CONFIGURATION.write_text("")
        host = waiting.result()
    tries = int(show("NRestarts")) - before
    check(host.query(request(1)).get("ok"), "the plugin is attached once the configuration is mended")
    host.end()
    print(f"figure: a gateway whose configuration was wrong: tried {tries} times, serving once it was mended", flush=True)


def relayed():
    """A C++ plugin of the host's own version, under the sandbox of the unit."""
    host = Host(add_plugin("v2-datasource", "v2-plugin"))
    answer = host.query(request(bytes=1000))
    check(answer["ok"], f"a plugin of the host's version answers under the unit: {answer}")
    found = plugins("v2-datasource")
    check(bool(found) and found[0]["mode"] == "relayed", f"its calls are relayed: {found}")
    host.end()
    until("it is detached", lambda: not plugins("v2-datasource"))


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
