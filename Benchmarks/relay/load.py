"""Load on ONE connection, as a host has one per plugin: h2load with gRPC's framing, and the real Go host."""

import json
import os
import re
import subprocess
from dataclasses import dataclass

from peers import program
from processes import BenchError


@dataclass
class Sample:
    """One run of a workload through one peer."""

    calls: int
    seconds: float
    p50_us: float
    p99_us: float
    # Of the peer's processes over the run; None without a peer.
    cpu_us_per_call: float = None
    peak_bytes: int = None
    # Of the replies: of calls that seemed to succeed. More came than there is: below zero.
    lost_bytes: int = 0
    failed_calls: int = 0
    # Of the first call that failed.
    failure: str = None


@dataclass
class H2Load:
    """Calls of the benchmark's own upstream."""

    name: str
    path: str
    reply_bytes: int  # of all messages of a call, with their prefixes
    calls: int
    streams: int
    request_bytes: int = 32

    def run(self, peer, scratch, calls=None):
        calls = calls or self.calls
        body, log = os.path.join(scratch, "request"), os.path.join(scratch, "h2load.log")
        with open(body, "wb") as file:
            file.write(b"\0" + self.request_bytes.to_bytes(4, "big") + b"a" * self.request_bytes)
        if os.path.exists(log):
            os.remove(log)
        # Windows as large as a Go host's become: 16 MiB.
        done = subprocess.run(
            [program("h2load"), "-n", str(calls), "-c", "1", "-t", "1", "-m", str(self.streams), "-w", "24", "-W", "24", "-d", body,
             "-H", "content-type: application/grpc", "-H", "te: trailers", "--log-file", log, "-B", f"unix:{peer.socket}",
             f"http://bench{self.path}"],
            capture_output=True, text=True, timeout=600)
        data = re.search(r"traffic: .*\((\d+)\) data", done.stdout)
        succeeded = re.search(r"(\d+) succeeded", done.stdout)
        took = re.search(r"finished in ([0-9.]+)(us|ms|s|m)", done.stdout)
        if done.returncode != 0 or not (data and succeeded and took):
            raise BenchError(f"h2load failed with {peer.name} on {self.name}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        failed = calls - int(succeeded[1])
        if failed == calls:
            raise BenchError(f"{peer.name}, {self.name}: no call succeeded:\n{done.stdout[-2000:]}")
        with open(log) as file:
            times = sorted(int(line.split("\t")[2]) for line in file)
        seconds = float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[took[2]]
        # h2load takes a reply of HTTP's status 200 for a success, whatever it holds. An error of gRPC, or a reply that was cut, has less in it.
        sample = Sample(calls, seconds, quantile(times, 0.5), quantile(times, 0.99), lost_bytes=calls * self.reply_bytes - int(data[1]))
        if failed:
            sample.failed_calls, sample.failure = failed, "a stream that was reset (h2load does not say how)"
        return sample


@dataclass
class GoLoad:
    """Calls by a go-plugin host on grpc-go, of real plugins."""

    name: str
    operation: str  # query or legacy-query
    request: dict
    calls: int
    streams: int
    legacy: bool = False
    host: str = None  # the program

    def run(self, peer, scratch, calls=None):
        calls = calls or self.calls
        with Host(self.host, peer.socket, scratch, peer.name, self.legacy) as host:
            def load(count):
                command = {"op": "load", "method": self.operation, "request": self.request, "count": count, "concurrency": self.streams}
                result = host.ask({**command, "timeoutMs": 120_000})
                if result.get("count") != count or result.get("responseBytes", 0) == 0:
                    raise BenchError(f"{peer.name}, {self.name}: {result}")
                return result

            # grpc-go finds its windows first.
            load(max(1, calls // 10))
            before = peer.cpu()
            result = load(calls)
            sample = Sample(calls, result["tookMs"] / 1000, result["p50Ms"] * 1000, result["p99Ms"] * 1000)
            if result.get("errors"):
                sample.failed_calls, first = result["errors"], (result.get("failures") or [{}])[0]
                sample.failure = f"{first.get('code')}: {first.get('message')}"
            if peer.process:
                sample.cpu_us_per_call = (peer.cpu() - before) / calls / 1000
            return sample


class Host:
    """The Go host, connected to a socket."""

    def __init__(self, program, socket, scratch, what, legacy=False):
        arguments = [program, *(["--legacy"] if legacy else []), "--direct", socket]
        with open(os.path.join(scratch, "host.log"), "ab") as log:
            self.child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        start = self.answer()
        if not start.get("ok"):
            self.stop()
            raise BenchError(f"the Go host could not connect to {what}: {start.get('message')}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def send(self, command):
        self.child.stdin.write(json.dumps(command) + "\n")
        self.child.stdin.flush()

    def answer(self):
        return json.loads(self.child.stdout.readline() or "{}")

    def ask(self, command):
        self.send(command)
        return self.answer()

    def stop(self):
        # It would shut a plugin down at the end of its input, and the plugin is still needed.
        self.child.kill()
        self.child.wait()


def measure(workload, peer, scratch, calls=None):
    """One run, with the time and memory that the peer took for it."""
    peer.forget_peak()
    before = peer.cpu()
    sample = workload.run(peer, scratch, calls)
    if peer.process:
        if sample.cpu_us_per_call is None:
            sample.cpu_us_per_call = (peer.cpu() - before) / sample.calls / 1000
        sample.peak_bytes = peer.peak()
    return sample


def quantile(ordered, part):
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
