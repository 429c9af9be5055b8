#!/usr/bin/env python3
"""What a call costs on its way through plugin-gateway, beside other proxies. Benchmarks/README.md says how to read it.

Unix sockets only. Everything lives in a scratch directory and is gone afterwards; only processes started here are ended.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile

import report
import workloads
from load import Host, measure
from peers import Envoy, Gateway, HAProxy, HAProxyTCP, Nginx, Peer, TerminatingGateway, program, started_plugin
from processes import BenchError, Process, socket_accepts


def arguments():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=7, help="interleaved rounds; medians are shown")
    options.add_argument("--filter", default="", help="only workloads whose name holds this")
    options.add_argument("--peers", default="", help="only peers whose name holds one of these, separated by commas")
    options.add_argument("--quick", action="store_true", help="a tenth of the calls and two rounds: does it all work?")
    options.add_argument("--json", metavar="FILE", help="also write every sample there")
    options.add_argument("--bin", required=True, help="where plugin-gateway and plugin-locator are")
    options.add_argument("--real-peers", required=True, help="where Tests/Peers/setup.sh put its programs")
    options.add_argument("--upstream", required=True)
    options.add_argument("--envoy", required=True)
    options = options.parse_args()
    if options.rounds < 1:
        sys.exit("bench-relay: --rounds must be at least 1")
    return options


class Bench:
    def __init__(self, options, scratch, stack):
        self.options = options
        self.scratch = scratch
        self.stack = stack
        self.rounds = 2 if options.quick else options.rounds
        self.samples = {}
        self.faults = []
        Gateway.binaries = options.bin
        Envoy.executable = options.envoy
        self.relays = TerminatingGateway.exists(scratch)

    def keep(self, peer):
        """Started, and stopped at the end, whatever comes."""
        self.stack.callback(peer.stop)
        peer.start()
        return peer

    def is_wanted(self, kind):
        wanted = [text for text in self.options.peers.split(",") if text]
        return not wanted or any(text in kind.name for text in wanted)

    def proxies(self, place, socket, plugin):
        """All that can stand in front of a plugin of today's protocol."""
        scratch = os.path.join(self.scratch, place)
        kinds = [Nginx, HAProxy, HAProxyTCP, Envoy]
        gateways = [Gateway, TerminatingGateway] if self.relays else [Gateway]
        peers = [Peer(scratch, socket)]
        peers += [self.keep(kind(scratch, socket)) for kind in kinds if self.is_wanted(kind)]
        return peers + [self.keep(kind(scratch, plugin)) for kind in gateways if self.is_wanted(kind)]

    def compare(self, pairs):
        """Runs pairs of a peer and a workload of one name in turn, a different one first in each round."""
        name, calls = pairs[0][1].name, pairs[0][1].calls
        results = self.samples[name] = {peer.name: [] for peer, _ in pairs}
        for peer, workload in pairs:
            measure(workload, peer, self.scratch, calls=max(workload.streams, calls // 10))
        for turn in range(self.rounds):
            for place in range(len(pairs)):
                peer, workload = pairs[(turn + place) % len(pairs)]
                results[peer.name].append(measure(workload, peer, self.scratch))
        print(report.table(name, calls, results) + "\n", flush=True)
        # Of another proxy that is a remark. Of these it means that the figures are of something else.
        for trusted in results.keys() & {Peer.name, Gateway.name, TerminatingGateway.name}:
            if any(sample.lost_bytes or sample.failed_calls for sample in results[trusted]):
                self.faults.append(f"{trusted} lost bytes or failed calls of {name}")

    def selected(self, all_workloads):
        return [workload for workload in all_workloads if self.options.filter in (workload[0] if isinstance(workload, tuple) else workload).name]

    def lean(self):
        """The upstream that costs least, called by h2load."""
        chosen = self.selected(workloads.h2load(self.options.quick))
        if not chosen:
            return
        print("h2load on one connection, the benchmark's own upstream\n")
        socket = os.path.join(self.scratch, "upstream.sock")
        upstream = Process([self.options.upstream, socket], os.path.join(self.scratch, "upstream.log"))
        self.stack.callback(upstream.stop)
        upstream.wait_for(lambda: socket_accepts(socket), "it listened")
        peers = self.proxies("lean", socket, self.options.upstream)
        for workload in chosen:
            self.compare([(peer, workload) for peer in peers])
        print(report.goals(self.samples, self.relays) + "\n", flush=True)

    def real(self):
        """A go-plugin host in front of a C++ plugin of today's protocol."""
        chosen = self.selected(workloads.go_host(self.options.quick, os.path.join(self.options.real_peers, "modern-host")))
        if not chosen:
            return
        print("a real host (Go, go-plugin, grpc-go) and a real plugin (C++, gRPC)\n")
        plugin = os.path.join(self.options.real_peers, "v2-plugin")
        socket, process = started_plugin(plugin, os.path.join(self.scratch, "v2-plugin.log"))
        self.stack.callback(process.stop)
        peers = self.proxies("real", socket, plugin)
        for workload in chosen:
            self.compare([(peer, workload) for peer in peers])

    def translated(self):
        """The same host in front of a legacy plugin, which only the gateway can reach; beside it a legacy host and the plugin alone."""
        host = os.path.join(self.options.real_peers, "modern-host")
        chosen = self.selected(workloads.translated(self.options.quick, host))
        if not chosen:
            return
        print("a real host and a real legacy plugin (Go): translated, and a legacy host without a gateway\n")
        plugin = os.path.join(self.options.real_peers, "legacy-datasource")
        socket, process = started_plugin(plugin, os.path.join(self.scratch, "legacy.log"), versions="1")
        self.stack.callback(process.stop)
        scratch = os.path.join(self.scratch, "translated")
        direct, gateway = Peer(scratch, socket), self.keep(Gateway(scratch, plugin))
        if gateway.mode != "translated":
            raise BenchError(f"the gateway says that it {gateway.mode} to a legacy plugin")
        for modern, legacy in chosen:
            self.compare([(direct, legacy), (gateway, modern)])

    def fair(self):
        """A plugin whose neighbour in the same gateway has a thousand calls waiting, beside the same plugin without."""
        host = os.path.join(self.options.real_peers, "modern-host")
        chosen = self.selected(workloads.fairness(self.options.quick, host))
        if not chosen:
            return
        print("two legacy plugins in one gateway: the p99 of one while the other has a thousand calls waiting (each takes a second)\n")
        gateway = self.keep(Gateway(os.path.join(self.scratch, "fair"), os.path.join(self.options.real_peers, "legacy-datasource")))
        busy_socket = gateway.attach("busy-datasource")
        for workload in chosen:
            results = self.samples[workload.name] = {"alone": [], "beside 1000": []}
            for _ in range(self.rounds):
                results["alone"].append(measure(workload, gateway, self.scratch))
                with Host(host, busy_socket, self.scratch, "the busy plugin") as busy:
                    busy.send(workloads.flood(1000))
                    gateway.process.wait_for(lambda: gateway.status("busy-datasource").get("calls", 0) > 0, "the busy plugin was called")
                    results["beside 1000"].append(measure(workload, gateway, self.scratch))
            print(report.table(workload.name, workload.calls, results))
            print(report.slowdown(results, "alone", "beside 1000") + "\n", flush=True)

    def write(self, file):
        document = {
            "machine": report.machine(), "rounds": self.rounds, "relay": self.relays,
            "samples": {name: {peer: [vars(sample) for sample in samples] for peer, samples in results.items()}
                        for name, results in self.samples.items()},
        }
        with open(file, "w") as out:
            json.dump(document, out, indent=1)


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end(number, _):
    # Once is enough: another one would cut the clearing up short.
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    sys.exit(f"bench-relay: ended by {signal.Signals(number).name}")


def main():
    options = arguments()
    # An end by signal unwinds too: nothing stays behind.
    for number in SIGNALS:
        signal.signal(number, end)
    # Of root or the user, and sticky above: what the gateway trusts.
    scratch = tempfile.mkdtemp(prefix="pgw-bench-")
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        try:
            bench = Bench(options, scratch, stack)
            print(report.machine())
            programs = [[program("nginx"), "-v"], [program("haproxy"), "-v"], [options.envoy, "--version"], [program("h2load"), "--version"]]
            print(", ".join(report.versions(programs)))
            print(f"medians of {bench.rounds} interleaved rounds. CPU: all processes of the proxy, the plugin's not; least: the round with the least."
                  " Peak: resident memory, the most of all rounds.\n")
            bench.lean()
            bench.real()
            bench.translated()
            bench.fair()
            if not bench.samples:
                sys.exit(f"bench-relay: no workload's name holds {options.filter!r}")
            if bench.faults:
                raise BenchError("; ".join(bench.faults))
            if options.json:
                bench.write(options.json)
        except BenchError as error:
            sys.exit(f"bench-relay: {error}")


if __name__ == "__main__":
    main()
