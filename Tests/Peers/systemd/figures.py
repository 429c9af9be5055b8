#!/usr/bin/python3
"""Runs as the one job of a booted systemd (see figures.sh): measures the service as it is shipped. Figures only, no verdicts on time."""

import itertools
import json
import os
import pathlib
import signal
import statistics
import subprocess
import time

import rig
from rig import CONFIGURATION, EXECUTABLE, LAB, UNIT, Host, add_plugin, check, request, run, show

SECONDS = int((LAB / "seconds").read_text())


def figure(name, value, goal="", met=True):
    verdict = "" if not goal else "met" if met else "MISSED"
    print(f"figure: {name:<66} {value:<32} {goal:<18} {verdict}".rstrip(), flush=True)


def spread(values, unit="ms"):
    return f"{statistics.median(values):.1f} {unit} (at most {max(values):.1f})"


def processor(pid):
    """Milliseconds that a process has run, with the threads that it had."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Megabytes, of 10^6 bytes, and those of them that are no pages of files."""
    values = dict(line.split(":") for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(values[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon"))


def ready(rounds=20):
    times = []
    for _ in range(rounds):
        run("systemctl", "stop", UNIT)
        # So many starts in a row are more than systemd allows.
        run("systemctl", "reset-failed", UNIT, fails=True)
        run("systemctl", "start", UNIT)
        times.append((int(show("ActiveEnterTimestampMonotonic")) - int(show("ExecMainStartTimestampMonotonic"))) / 1000)
    empty = empty_starts(rounds)
    middle = statistics.median(times)
    figure(f"READY after systemd began to start it, {rounds} starts", spread(times), "at most 100 ms", middle <= 100)
    figure("of that systemd's own: /bin/true in the same sandbox", spread(empty))
    figure("what the gateway takes of it (medians)", f"{middle - statistics.median(empty):.1f} ms")


def empty_starts(rounds):
    """What systemd needs for a program that does nothing, in the same sandbox."""
    unit = "empty.service"
    text = (LAB / "deploy" / UNIT).read_text()
    for old, new in (("Type=notify", "Type=oneshot"), ("ExecStart=/usr/bin/plugin-gateway serve", "ExecStart=/bin/true"),
                     ("Requires=plugin-gateway.socket\n", ""), ("WatchdogSec=30s\n", ""), ("NotifyAccess=main\n", "RemainAfterExit=yes\n")):
        text = text.replace(old, new)
    pathlib.Path("/etc/systemd/system", unit).write_text(text)
    run("systemctl", "daemon-reload")
    times = []
    for _ in range(rounds):
        run("systemctl", "restart", unit)
        began, ended = (int(run("systemctl", "show", "--value", "-p", f"ExecMain{what}TimestampMonotonic", unit).stdout)
                        for what in ("Start", "Exit"))
        times.append((ended - began) / 1000)
    return times


def at_rest(what, bound=True):
    pid = show("MainPID")
    # What the start leaves to be done.
    time.sleep(5)
    before = processor(pid)
    time.sleep(SECONDS)
    share = (processor(pid) - before) / 10 / SECONDS
    memory, own = resident(pid)
    figure(f"memory at rest, {what}", f"{memory:.1f} MB, {own:.1f} of them its own", "less than 25 MB" * bound, memory < 25)
    figure(f"processor at rest, {what}, {SECONDS} s", f"{share:.3f} %", "less than 0.1 %" * bound, share < 0.1)


def first_line(executable, rounds=20):
    """Milliseconds from a start as Grafana does it to the handshake line."""
    environment = {"grafana_plugin_type": "datasource", "PLUGIN_PROTOCOL_VERSIONS": "1,2", "PATH": "/usr/bin"}
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        plugin = subprocess.Popen([str(executable)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  user="grafana", group="grafana", cwd="/", env=environment, text=True)
        line = plugin.stdout.readline()
        times.append((time.monotonic() - began) * 1000)
        check(line.startswith("1|"), f"{executable} shakes hands: {line}")
        plugin.terminate()
        plugin.wait()
    return times


def handshake():
    direct = first_line(EXECUTABLE.with_name(EXECUTABLE.name + ".wrapped"))
    through = first_line(EXECUTABLE)
    more = statistics.median(through) - statistics.median(direct)
    figure("handshake of a plugin that is started by itself", spread(direct))
    figure("handshake through the locator, the plugin's start included", spread(through), "at most 20 ms", statistics.median(through) <= 20)
    figure("what the gateway adds to it (medians)", f"{more:.1f} ms")


METHODS = "query", "health", "metrics", "subscribe", "publish", "validate"


def call_each(hosts):
    """Each host calls six methods once."""
    for host in hosts:
        for op in METHODS:
            host.send(op=op, request=request(scenario="series", points=1) if op == "query" else {}, timeoutMs=30000)
    for host in hosts:
        for op in METHODS:
            host.result(op)


def next_times(count):
    """Processor time of the gateway in milliseconds, at the beginning of each of the next so many snapshots."""
    reader = subprocess.Popen(["journalctl", "-f", "-n", "0", "-u", UNIT, "-o", "json", "PLUGIN_GATEWAY_EVENT=gateway-snapshot"],
                              stdout=subprocess.PIPE, text=True)
    try:
        return [int(json.loads(reader.stdout.readline())["PLUGIN_GATEWAY_CPU_USEC"]) / 1000 for _ in range(count)]
    finally:
        reader.terminate()
        reader.wait()


def snapshots(plugins=50, rounds=8):
    executables = [add_plugin(f"many-{number}") for number in range(plugins)]
    pid = show("MainPID")
    before = resident(pid)[0]
    hosts = [Host(executable) for executable in executables]
    grown = resident(pid)[0] - before
    at_rest(f"{plugins} plugins attached", bound=False)
    CONFIGURATION.write_text("telemetry: {snapshot_interval: 2s}\n")
    run("systemctl", "reload", UNIT)
    next_times(2)
    # Intervals without calls; that which follows one with calls begins with its 300 entries.
    idle = [later - earlier for earlier, later in itertools.pairwise(next_times(6))]
    costs = []
    for _ in range(rounds):
        call_each(hosts)
        first, second = next_times(2)
        costs.append(second - first - statistics.median(idle))
        next_times(1)
    figure(f"a round of snapshots of {plugins} plugins with {len(METHODS)} methods each", spread(costs), "less than 20 ms",
           statistics.median(costs) < 20)
    figure(f"memory of an attachment, beside its plugin ({plugins})", f"{grown / plugins:.2f} MB")
    for host in hosts:
        host.end()
    CONFIGURATION.write_text("")
    run("systemctl", "reload", UNIT)


def load(host, seconds, **more):
    host.send(**{"op": "load", "async": True, "request": request(scenario="series", points=100), "concurrency": 4, "timeoutMs": 30000, **more})
    time.sleep(seconds)
    host.send(op="stopLoad")
    return host.result("load")


def stalled_journal(seconds=10):
    host = Host()
    load(host, 2)
    runs = {"with": [], "without": []}
    journald = int(run("systemctl", "show", "--value", "-p", "MainPID", "systemd-journald.service").stdout)
    failed = 0
    for _ in range(3):
        for which in "without", "with":
            if which == "with":
                os.kill(journald, signal.SIGSTOP)
            try:
                result = load(host, seconds)
            finally:
                os.kill(journald, signal.SIGCONT)
            runs[which].append(result)
            failed += result["errors"]
    p99 = {which: statistics.median(result["p99Ms"] for result in results) for which, results in runs.items()}
    calls = sum(result["count"] for results in runs.values() for result in results)
    figure(f"p99 with journald stopped for {seconds} s (medians of 3)",
           f"{p99['with']:.2f} ms, else {p99['without']:.2f}", "within 20 %", p99["with"] <= 1.2 * p99["without"])
    figure("calls that failed meanwhile", f"{failed} of {calls}", "0", failed == 0)
    host.end()


try:
    rig.install()
    CONFIGURATION.write_text("")
    ready()
    at_rest("nothing attached")
    handshake()
    stalled_journal()
    snapshots()
finally:
    with open(LAB / "out/journal.txt", "w", encoding="utf-8") as out:
        subprocess.run(["journalctl", "-u", UNIT, "--no-pager"], stdout=out, check=False)
print(f"{len(rig.failures)} checks failed" if rig.failures else "all checks hold", flush=True)
(LAB / "out/done").write_text("")
