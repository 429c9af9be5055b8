#!/usr/bin/python3
"""Runs as the one job of a booted systemd (see restart.sh): installs the service as it is shipped, calls through it, restarts it."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import time

LAB = pathlib.Path("/lab")
PLUGIN = pathlib.Path("/var/lib/grafana/plugins/legacy-datasource")
EXECUTABLE = PLUGIN / "gpx_legacy_linux_amd64"
CONFIGURATION = pathlib.Path("/etc/plugin-gateway/config.yaml")
HOST_LOG = "/tmp/host.log"
UNIT = "plugin-gateway.service"
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)
        print(f"FAILED: {what}", flush=True)


def run(*command, fails=False):
    done = subprocess.run(command, capture_output=True, text=True)
    if not fails and done.returncode:
        raise SystemExit(f"FAILED: {' '.join(command)}: {done.stdout}{done.stderr}")
    return done


def show(name):
    return run("systemctl", "show", "--value", "-p", name, UNIT).stdout.strip()


def until(what, condition, seconds=30):
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            check(False, f"waited {seconds} s in vain: {what}")
            return
        time.sleep(0.01)


def install():
    for name in "plugin-gateway", "modern-host":
        shutil.copy(LAB / name, "/usr/bin")
    os.makedirs("/usr/lib/plugin-gateway", exist_ok=True)
    shutil.copy(LAB / "plugin-locator", "/usr/lib/plugin-gateway")
    for unit in UNIT, "plugin-gateway.socket":
        shutil.copy(LAB / "deploy" / unit, "/etc/systemd/system")
    run("systemd-sysusers", str(LAB / "deploy/sysusers.d/plugin-gateway.conf"))
    run("systemd-tmpfiles", "--create", str(LAB / "deploy/tmpfiles.d/plugin-gateway.conf"))
    PLUGIN.mkdir(parents=True)
    shutil.copy(LAB / "legacy-datasource", EXECUTABLE)
    described = {"id": "legacy-datasource", "type": "datasource", "name": "L", "backend": True, "executable": "gpx_legacy"}
    (PLUGIN / "plugin.json").write_text(json.dumps(described))
    run("chown", "-R", "grafana:grafana", "/var/lib/grafana")
    CONFIGURATION.parent.mkdir()
    CONFIGURATION.write_text("logs: {level: info}\n")
    run("plugin-gateway", "wrap", str(PLUGIN))
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "plugin-gateway.socket")


class Host:
    """The real go-plugin host, as the user that Grafana has."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--reuid=grafana", "--regid=grafana", "--init-groups", "modern-host", "--log-file", HOST_LOG,
             str(EXECUTABLE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        start = self.result("start")
        if not start.get("ok"):
            raise SystemExit(f"FAILED: the host starts its plugin: {start}\n{pathlib.Path(HOST_LOG).read_text()}")

    def send(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def result(self, op):
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("FAILED: the host has ended")
            answer = json.loads(line)
            if answer["op"] == op:
                return answer


def request(milliseconds):
    model = json.dumps({"scenario": "sleep", "ms": milliseconds})
    return {
        "pluginContext": {
            "orgId": "1", "pluginId": "legacy-datasource",
            "dataSourceInstanceSettings": {"id": "7", "name": "L", "jsonData": base64.b64encode(b"{}").decode()},
        },
        "queries": [{
            "refId": "A", "maxDataPoints": "100", "intervalMS": "1000", "json": base64.b64encode(model.encode()).decode(),
            "timeRange": {"fromEpochMS": "1568039445000", "toEpochMS": "1568043045000"},
        }],
    }


def attached():
    status = run("plugin-gateway", "status", "--json", fails=True)
    plugins = json.loads(status.stdout)["plugins"] if status.returncode == 0 else []
    return plugins[0] if plugins and plugins[0]["hasLocator"] else None


def restarts(rounds):
    host = Host()
    socket = attached()["hostSocket"]
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
    journal = run("journalctl", "-u", UNIT, "-o", "cat").stdout
    check(journal.count("calls are finished") == rounds, "each stop says that its calls are finished")
    print(f"figure: {rounds} restarts under systemd: {load['errors']} of {load['count']} calls failed, the slowest call took "
          f"{load['maxMs']:.0f} ms, the slowest restart {slowest:.1f} s", flush=True)
    return host


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
    host.send(op="kill")
    host.result("kill")
    host.process.stdin.close()
    host.process.wait(30)


try:
    install()
    host = restarts(int((LAB / "rounds").read_text()))
    reload()
    stop(host)
finally:
    if os.path.exists(HOST_LOG):
        shutil.copy(HOST_LOG, LAB / "out")
    with open(LAB / "out/journal.txt", "w") as out:
        subprocess.run(["journalctl", "-u", UNIT, "--no-pager"], stdout=out)
print(f"{len(failures)} checks failed" if failures else "all checks hold", flush=True)
(LAB / "out/done").write_text("")
