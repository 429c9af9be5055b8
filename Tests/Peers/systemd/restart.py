#!/usr/bin/python3
"""Runs as the one job of a booted systemd (see restart.sh): installs the service as it is shipped, calls through it, restarts it."""

import os
import shutil
import subprocess
import time

import access
import kinds
import rig
import unit
from rig import CONFIGURATION, HOST_LOG, LAB, UNIT, Host, attached, check, request, run, show, until


def restarts(rounds):
    host = Host()
    socket = attached()["hostSocket"]
    before = finished()
    # From 1 ms to 3 s, 16 at a time.
    durations = [1, 3000, 5, 20, 50, 1, 100, 250, 5, 500, 1, 1000, 2, 10, 2000, 1]
    host.send(**{"op": "load", "async": True, "requests": [request(ms) for ms in durations], "concurrency": 16,
                 "timeoutMs": 60000})
    slowest = 0
    for _ in range(rounds):
        began = time.monotonic()
        pid = show("MainPID")
        run("systemctl", "restart", UNIT)
        check(show("MainPID") != pid, "a restart is a new process")
        until("the locator is back", attached)
        slowest = max(slowest, time.monotonic() - began)
        check(attached()["hostSocket"] == socket, "the host socket is the same")
    host.send(op="stopLoad")
    load = host.result("load")
    check(load["errors"] == 0, f"{load['errors']} of {load['count']} calls failed: {load['failures']}")
    check(load["count"] > 16 * rounds, f"the host called all the time: {load['count']} calls")
    check(show("NFileDescriptorStore") == "1", f"one socket is stored: {show('NFileDescriptorStore')}")
    check(finished() - before == rounds, "each stop says that its calls are finished")
    print(f"figure: {rounds} restarts under systemd: {load['errors']} of {load['count']} calls failed, the slowest call took "
          f"{load['maxMs']:.0f} ms, the slowest restart {slowest:.1f} s", flush=True)
    return host


def finished():
    return run("journalctl", "-u", UNIT, "-o", "cat").stdout.count("calls are finished")


def reload():
    pid = show("MainPID")
    CONFIGURATION.write_text("logs: {level: debug}\n")
    run("systemctl", "reload", UNIT)
    CONFIGURATION.write_text("logs: {levl: debug}\n")
    refused = run("systemctl", "reload", UNIT, fails=True)
    check(refused.returncode != 0, "a reload of a bad file fails")
    until("the journal says where", lambda: "config.yaml:1: unknown key" in run("journalctl", "-u", UNIT, "-o", "verbose").stdout)
    check(show("ActiveState") == "active" and show("MainPID") == pid, "the gateway goes on after a bad file")
    CONFIGURATION.write_text("")
    run("systemctl", "reload", UNIT)


def stop(host):
    run("systemctl", "stop", "plugin-gateway.socket", UNIT)
    # The locator is still there, and asks all the time.
    time.sleep(2)
    check(show("ActiveState") == "inactive", f"a stop of socket and service is a stop: {show('ActiveState')}")
    check(show("Result") == "success", f"the service ended well: {show('Result')}")
    host.end()


try:
    rig.install()
    unit.at_rest()
    unit.descriptors()
    access.refusals()
    access.another_user()
    access.sandbox()
    unit.mended()
    unit.relayed()
    host = restarts(int((LAB / "rounds").read_text()))
    reload()
    unit.watchdog(host)
    stop(host)
    kinds.provoke()
    kinds.read_back()
finally:
    if os.path.exists(HOST_LOG):
        shutil.copy(HOST_LOG, LAB / "out")
    with open(LAB / "out/journal.txt", "w") as out:
        subprocess.run(["journalctl", "-u", UNIT, "--no-pager"], stdout=out)
print(f"{len(rig.failures)} checks failed" if rig.failures else "all checks hold", flush=True)
(LAB / "out/done").write_text("")
