"""Every kind of entry that can be provoked in a booted system, read back from its journal and held against the schema."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys

from rig import CONFIGURATION, EXECUTABLE, LAB, PLUGIN, UNIT, Host, add_plugin, attached, check, plugins, request, run, until

SETTINGS = """\
limits: {breaker_failures: 2, breaker_pause: 10m, drain_cap: 1s, stop_grace: 200ms, detach_linger: 0s, return_patience: 500ms}
telemetry: {snapshot_interval: 300ms}
logs: {level: debug}
plugins: {idler: {idle_timeout: 300ms}}
"""
# What no peer of these tests can bring about, and why.
NOT_PROVOKED = {
    "metrics-snapshot": "no library inside the gateway counts anything",
}
FIELDS_NOT_PROVOKED = {
    "PLUGIN_GATEWAY_ERROR": "an error of a library, which none of these has",
    "PLUGIN_GATEWAY_FIELDS_NOT_KEPT": "no peer writes a line with more than 24 values",
    "PLUGIN_GATEWAY_METRIC_": "no library inside the gateway counts anything",
    "PLUGIN_GATEWAY_GAUGE_": "no part of the gateway has a gauge that is not a field of its own",
}


def provoke():
    idler, bad = add_plugin("idler"), add_plugin("bad", "bad-plugin")
    CONFIGURATION.write_text(SETTINGS)
    run("systemctl", "start", "plugin-gateway.socket")
    host = Host()
    host.query({**request(scenario="noisy", lines=2), "headers": {"X-Lost": "1"}})
    replace(host)
    fail_to_replace()
    refuse(bad)
    idle(idler)
    lose_the_locator(host)
    break_the_rules()
    fall_out(host)
    CONFIGURATION.write_text("limits: {drain_cap: many}\n")
    run("systemctl", "reload", UNIT, fails=True)
    host.end()
    run("systemctl", "stop", "plugin-gateway.socket", UNIT)


def state(of="legacy-datasource"):
    found = plugins(of)
    return found[0]["state"] if found else None


def replace(host):
    """Another process takes over, and a call that lasts too long is cut off."""
    host.send(**{"op": "query", "async": True, "request": request(20_000), "timeoutMs": 30_000})
    until("the call is under way", lambda: "query sleeps" in run("journalctl", "-u", UNIT, "-o", "cat", "-n", "50").stdout)
    check(attached()["openCalls"] > 0, f"a call in progress is counted: {attached()}")
    run("plugin-gateway", "restart", "legacy-datasource")
    check(not host.result("query").get("ok"), "a call beyond limits.drain_cap is cut off")
    until("another process serves", lambda: state() == "serving")


def fail_to_replace():
    """A new build that does not come up, and the good one again."""
    wrapped, good = PLUGIN / f"{EXECUTABLE.name}.wrapped", PLUGIN / "good"
    shutil.copy(wrapped, good)
    install(LAB / "bad-plugin", wrapped)
    until("the bad build failed", lambda: (attached() or {}).get("candidateFailure"))
    install(good, wrapped)
    until("the good build serves", lambda: state() == "serving" and not (attached() or {}).get("candidateFailure"))


def install(program, place):
    fresh = place.with_name("fresh")
    shutil.copy(program, fresh)
    shutil.chown(fresh, "grafana")
    fresh.chmod(0o755)
    fresh.rename(place)


def refuse(bad):
    host = subprocess.run(["setpriv", "--reuid=grafana", "--regid=grafana", "--init-groups", "modern-host", str(bad)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", timeout=60)
    check(not json.loads(host.stdout.splitlines()[0]).get("ok"), "a plugin that does not start is refused")


def idle(executable):
    host = Host(executable)
    until("a plugin that nobody calls is stopped", lambda: state("idler") == "idle")
    host.end()


def lose_the_locator(host):
    """The locator does not come back after a restart: its host socket is given up."""
    host.send(op="pid")
    locator = host.result("pid")["pid"]
    os.kill(locator, signal.SIGSTOP)
    run("systemctl", "restart", UNIT)
    until("the host socket is given up", lambda: "a host socket was given up" in run("journalctl", "-u", UNIT, "-o", "cat").stdout)
    os.kill(locator, signal.SIGCONT)
    until("the locator is back", attached)


def break_the_rules():
    """Something that is no HTTP/2 comes to a host socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stranger:
        stranger.connect(attached()["hostSocket"])
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: none\r\n\r\n")
        stranger.settimeout(10)
        while stranger.recv(4096):
            pass


def fall_out(host):
    """Crashes until it is left alone; the calls have error codes, and so have their counters."""
    def crashed():
        host.query(request(scenario="crash", message="crashed"), timeoutMs=2000)
        return state() == "broken"
    until("a plugin that crashes is left alone", crashed)


def read_back():
    run("journalctl", "--sync")
    entries, schema = LAB / "out/journal.json", LAB / "out/schema.json"
    for file, command in (entries, ["journalctl", "-u", UNIT, "--all", "-o", "json"]), (
            schema, ["plugin-gateway", "journal-schema", "--format", "json"]):
        with open(file, "w", encoding="utf-8") as out:
            subprocess.run(command, stdout=out, check=True)
    held = run(sys.executable, str(LAB / "entries.py"), str(schema), str(entries), fails=True)
    check(held.returncode == 0, f"the entries are as the schema says: {held.stderr}")

    documented = json.loads(schema.read_text())
    kinds, fields = set(), set()
    for line in entries.read_text().splitlines():
        entry = json.loads(line)
        if entry.get("_EXE") == "/usr/bin/plugin-gateway":
            kinds.add(entry.get("PLUGIN_GATEWAY_EVENT"))
            fields.update(entry)
    families = {family["prefix"] for family in documented["families"]}
    seen = {name for name in fields if name.startswith("PLUGIN_GATEWAY_")}
    seen |= {prefix for prefix in families if any(name.startswith(prefix) for name in seen)}
    for what, all_of_them, found, exceptions in (
            ("kinds of events", {event["name"] for event in documented["events"]}, kinds, NOT_PROVOKED),
            ("fields and families", {field["name"] for field in documented["fields"]} | families, seen, FIELDS_NOT_PROVOKED)):
        missing = all_of_them - found - set(exceptions)
        check(not missing, f"{what} that no entry has: {', '.join(sorted(missing))}")
        print(f"figure: {len(all_of_them & found)} of {len(all_of_them)} {what} read back; not: "
              f"{', '.join(sorted(all_of_them - found)) or 'none'}", flush=True)
    print(f"figure: {held.stdout.strip()}", flush=True)
