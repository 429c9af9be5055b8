"""What the checks inside of a booted systemd share (see restart.sh): the service as it is shipped, a host as Grafana is one, verdicts."""

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


def settle(host):
    """The locator is back, and a call through it succeeds."""
    until("the locator is back", attached)
    host.send(op="query", request=request(1), timeoutMs=30000)
    answer = host.result("query")
    check(answer.get("ok"), f"a call after it succeeds: {answer}")
