#!/usr/bin/env python3
"""The main job, end to end, on real programs: a modern go-plugin host queries a legacy v1 plugin through plugin-gateway.

Usage: demo.py --bin DIRECTORY --peers DIRECTORY
Everything happens in a scratch directory, which is removed at the end; only processes started here are ended.
"""

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

PLUGIN = "legacy-demo-datasource"
EXECUTABLE = "gpx_legacy_linux_" + ("arm64" if os.uname().machine == "aarch64" else "amd64")


def title(text):
    print(f"\n== {text}", flush=True)


class Host:
    """The Go host on Debian's go-plugin: one JSON command a line in, one JSON result a line out."""

    def __init__(self, program, plugin, environment):
        self.process = subprocess.Popen(
            [program, plugin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        self.start = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("demo: the Go host ended unexpectedly")
        return json.loads(line)

    def perform(self, op, **parameters):
        self.process.stdin.write(json.dumps({"op": op, **parameters}) + "\n")
        self.process.stdin.flush()
        return self.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(20)


def install(root, legacy):
    directory = os.path.join(root, PLUGIN)
    os.makedirs(directory)
    shutil.copy(legacy, os.path.join(directory, EXECUTABLE))
    with open(os.path.join(directory, "plugin.json"), "w") as file:
        json.dump(
            {"id": PLUGIN, "type": "datasource", "name": "Legacy demo", "backend": True, "executable": "gpx_legacy", "info": {"version": "0.9.0"}}, file
        )
    return directory


def request(format_number):
    def query(ref_id, model):
        return {
            "refId": ref_id,
            "maxDataPoints": "100",
            "intervalMS": "60000",
            "timeRange": {"fromEpochMS": "1568039445000", "toEpochMS": "1568043045000"},
            "json": base64.b64encode(json.dumps(model).encode()).decode(),
        }

    result = {
        "series": [{"name": "cpu", "tags": {"host": "a"}, "points": [[1568039445000, 0.25], [1568039505000, "NaN"], [1568039565000, 0.75]]}],
        "tables": [
            {
                "columns": ["Time", "host", "load"],
                "rows": [
                    [{"kind": 2, "value": 1568039445000}, {"kind": 4, "value": "a"}, {"kind": 1, "value": 0.5}],
                    [{"kind": 2, "value": 1568039505000}, {"kind": 4, "value": "b"}, {"kind": 0}],
                ],
            }
        ],
    }
    return {
        "pluginContext": {
            "orgId": "1",
            "pluginId": PLUGIN,
            "dataSourceInstanceSettings": {"id": "7", "uid": "demo", "name": "Demo", "jsonData": base64.b64encode(b"{}").decode()},
        },
        "queries": [query("A", {"scenario": "literal", "result": result}), query("B", {"scenario": "error", "message": "no such metric"})],
        "format": format_number,
    }


def show_frame(document):
    """One JSON frame as a table. The reader is this script's own, not the gateway's."""
    frame = json.loads(document)
    fields = frame["schema"]["fields"]
    entities = frame["data"].get("entities") or [None] * len(fields)
    columns = []
    for index, values in enumerate(frame["data"]["values"]):
        cells = []
        for row, value in enumerate(values):
            special = next((name for name, rows in (entities[index] or {}).items() if row in rows), None)
            if special:
                cells.append(special)
            elif fields[index]["type"] == "time" and value is not None:
                cells.append(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value / 1000)))
            else:
                cells.append("null" if value is None else json.dumps(value))
        labels = ",".join(f"{name}={value}" for name, value in (fields[index].get("labels") or {}).items())
        columns.append([fields[index]["name"] + ("{" + labels + "}" if labels else ""), fields[index]["typeInfo"]["frame"], *cells])
    widths = [max(len(cell) for cell in column) for column in columns]
    print(f"   frame {frame['schema'].get('name', '')!r}")
    for row in zip(*columns):
        print("   | " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")


def show_response(result):
    for ref_id, answer in sorted(result["response"]["responses"].items()):
        error = f", error: {answer['error']} (source {answer.get('errorSource', '?')})" if answer.get("error") else ""
        print(f"   refId {ref_id}: status {answer.get('status')}{error}")
        for frame in answer.get("frames") or []:
            show_frame(base64.b64decode(frame))


def wait_for(path, process, log):
    for _ in range(500):
        if os.path.exists(path):
            return
        if process.poll() is not None:
            break
        time.sleep(0.02)
    sys.exit("demo: the gateway did not start:\n" + open(log).read())


def snapshot_text(log, pid):
    """What the gateway wrote about the plugin's calls: from the journal when there is one, else from its standard error."""
    if shutil.which("journalctl") and os.path.exists("/run/systemd/journal/socket"):
        lines = subprocess.run(["journalctl", "-o", "cat", f"_PID={pid}"], capture_output=True, text=True).stdout.splitlines()
        where = "journal"
    else:
        lines, where = open(log).read().splitlines(), "standard error (no journal here)"
    return where, [line for line in lines if "QueryData" in line and "calls" in line]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--bin", required=True)
    options.add_argument("--peers", required=True)
    options = options.parse_args()
    gateway = os.path.join(options.bin, "plugin-gateway")
    host_program = os.path.join(options.peers, "modern-host")

    scratch = tempfile.mkdtemp(prefix="pgw-demo-")
    root, runtime, log = (os.path.join(scratch, name) for name in ("plugins", "run", "gateway.log"))
    os.makedirs(root)
    os.makedirs(runtime)
    configuration = os.path.join(scratch, "config.yaml")
    with open(configuration, "w") as file:
        json.dump({"plugin_roots": [root], "runtime_directory": runtime, "telemetry": {"snapshot_interval": "500ms"}}, file)
    environment = {**os.environ, "PLUGIN_GATEWAY_SOCKET": os.path.join(runtime, "control.sock")}
    daemon = host = None
    try:
        directory = install(root, os.path.join(options.peers, "legacy-datasource"))
        executable = os.path.join(directory, EXECUTABLE)

        title("without the gateway: a modern host refuses the legacy plugin")
        refused = Host(host_program, executable, environment)
        print("   " + str(refused.start.get("message", "it was accepted?!")).replace("\n", "\n   "))
        refused.stop()
        if refused.start.get("ok"):
            sys.exit("demo: the legacy plugin was not refused")

        title("plugin-gateway wrap")
        print("   " + subprocess.run([gateway, "wrap", directory], check=True, capture_output=True, text=True).stdout.strip().replace("\n", "\n   "))

        with open(log, "w") as file:
            daemon = subprocess.Popen([gateway, "serve", "--config", configuration], stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        wait_for(os.path.join(runtime, "control.sock"), daemon, log)

        title("with the gateway: the same host starts the same file, and queries it")
        host = Host(host_program, executable, environment)
        if not host.start.get("ok"):
            sys.exit(f"demo: the host could not start the plugin: {host.start.get('message')}\n{open(log).read()}")
        print("   handshake as the host saw it: " + json.dumps({k: v for k, v in host.perform("handshake").items() if k in ("version", "network", "address")}))
        result = host.perform("query", request=request(1))
        if not result.get("ok"):
            sys.exit(f"demo: the query failed: {result}")
        show_response(result)

        title("plugin-gateway status: the negotiated path and its reason")
        status = json.loads(subprocess.run([gateway, "status", "--json"], check=True, capture_output=True, text=True, env=environment).stdout)
        plugin = status["plugins"][0]
        for key in ("plugin", "state", "mode", "pathReason", "hostSocket"):
            print(f"   {key}: {plugin.get(key)}")

        title("plugin-gateway call, on the same host socket, in Arrow")
        call = [gateway, "call", plugin["hostSocket"], "pluginv2.Data/QueryData", json.dumps(request(0))]
        print("   " + subprocess.run(call, check=True, capture_output=True, text=True, env=environment).stdout.strip().replace("\n", "\n   "))

        for _ in range(50):
            time.sleep(0.2)
            where, lines = snapshot_text(log, daemon.pid)
            if lines:
                break
        title(f"the snapshot, from the {where}")
        print("   " + (lines[-1] if lines else "none was written"))
        if not lines:
            sys.exit("demo: no snapshot was written")

        title("the host ends its plugin")
        print("   " + json.dumps({k: v for k, v in host.perform("kill").items() if k not in ("op",)}))
    finally:
        if host:
            host.stop()
        if daemon and daemon.poll() is None:
            daemon.terminate()
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
        shutil.rmtree(scratch, ignore_errors=True)
    print("\ndemo: done", flush=True)


if __name__ == "__main__":
    main()
