"""What the checks inside of a booted systemd share (see restart.sh): the service as it is shipped, a host as Grafana is one, verdicts."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import time

LAB = pathlib.Path("/lab")
PLUGINS = pathlib.Path("/var/lib/grafana/plugins")
PLUGIN = PLUGINS / "legacy-datasource"
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
    CONFIGURATION.parent.mkdir()
    CONFIGURATION.write_text("logs: {level: info}\n")
    add_plugin("legacy-datasource")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "plugin-gateway.socket")


def add_plugin(name, program="legacy-datasource", root=PLUGINS, user="grafana"):
    """A plugin of the user that the gateway has, wrapped; returns the executable that a host starts."""
    directory = root / name
    executable = directory / "gpx_legacy_linux_amd64"
    directory.mkdir(parents=True)
    shutil.copy(LAB / program, executable)
    executable.chmod(0o755)
    described = {"id": name, "type": "datasource", "name": "L", "backend": True, "executable": "gpx_legacy"}
    (directory / "plugin.json").write_text(json.dumps(described))
    run("chown", "-R", f"{user}:{user}", str(root.parent))
    run("plugin-gateway", "wrap", str(directory))
    return executable


class Host:
    """The real go-plugin host, as the user that Grafana has."""

    def __init__(self, executable=EXECUTABLE):
        self.process = subprocess.Popen(
            ["setpriv", "--reuid=grafana", "--regid=grafana", "--init-groups", "modern-host", "--log-file", HOST_LOG,
             str(executable)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        start = self.result("start")
        if not start.get("ok"):
            raise SystemExit(f"FAILED: the host starts its plugin: {start}\n{pathlib.Path(HOST_LOG).read_text()}")

    def send(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def query(self, asked, **more):
        self.send(op="query", request=asked, **{"timeoutMs": 30000, **more})
        return self.result("query")

    def end(self):
        """Ends the plugin as Grafana does, then the host."""
        self.send(op="kill")
        self.result("kill")
        self.process.stdin.close()
        self.process.wait(30)

    def result(self, op):
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("FAILED: the host has ended")
            answer = json.loads(line)
            if answer["op"] == op:
                return answer


def request(milliseconds=None, **model):
    """A query of the legacy data source: one that takes so long, or what the model says."""
    if milliseconds is not None:
        model = {"scenario": "sleep", "ms": milliseconds}
    return {
        "pluginContext": {
            "orgId": "1", "pluginId": "legacy-datasource",
            "dataSourceInstanceSettings": {"id": "7", "name": "L", "jsonData": base64.b64encode(b"{}").decode()},
        },
        "queries": [{
            "refId": "A", "maxDataPoints": "100", "intervalMS": "1000", "json": base64.b64encode(json.dumps(model).encode()).decode(),
            "timeRange": {"fromEpochMS": "1568039445000", "toEpochMS": "1568043045000"},
        }],
    }


def plugins(name="legacy-datasource"):
    """The attachments of a plugin, as `plugin-gateway status` has them."""
    status = run("plugin-gateway", "status", "--json", fails=True)
    return [plugin for plugin in json.loads(status.stdout)["plugins"] if plugin["plugin"] == name] if status.returncode == 0 else []


def attached():
    found = plugins()
    return found[0] if found and found[0]["hasLocator"] else None


def settle(host):
    """The locator is back, and a call through it succeeds."""
    until("the locator is back", attached)
    answer = host.query(request(1))
    check(answer.get("ok"), f"a call after it succeeds: {answer}")
