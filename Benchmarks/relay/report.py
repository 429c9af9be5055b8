"""Tables of what was measured. Every figure is the median of the rounds."""

import os
import platform
import re
import statistics
import subprocess


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median_low(values) if values else None


def summary(samples):
    """The medians of one peer's samples of one workload."""
    return {
        "callsPerSecond": median([sample.calls / sample.seconds for sample in samples]),
        "p50Us": median([sample.p50_us for sample in samples]),
        "p99Us": median([sample.p99_us for sample in samples]),
        "cpuUsPerCall": median([sample.cpu_us_per_call for sample in samples]),
        "cpuUsPerCallLeast": min((sample.cpu_us_per_call for sample in samples if sample.cpu_us_per_call is not None), default=None),
        "peakBytes": max((sample.peak_bytes for sample in samples if sample.peak_bytes is not None), default=None),
    }


def table(workload, calls, results):
    """Lines for one workload: one per peer, in the order of the peers."""
    lines = [f"{workload} ({calls} calls a round)", row("", "CPU µs/call", "least", "p50", "p99", "calls/s", "peak MB")]
    for name, samples in results.items():
        figures = summary(samples)
        lines.append(
            row(name, number(figures["cpuUsPerCall"]), number(figures["cpuUsPerCallLeast"]), time(figures["p50Us"]), time(figures["p99Us"]),
                number(figures["callsPerSecond"]), number(figures["peakBytes"] and figures["peakBytes"] / 1e6)))
    for name, samples in results.items():
        failed = sum(sample.failed_calls for sample in samples)
        if lost := sum(sample.lost_bytes for sample in samples):
            lines.append(f"  ! {name} did not carry {lost} bytes of the replies" + ("" if failed else ", though every call seemed to succeed"))
        if failed:
            failure = next(sample.failure for sample in samples if sample.failure)
            lines.append(f"  ! {name} failed {failed} of {sum(sample.calls for sample in samples)} calls, the first with {failure}")
    return "\n".join(lines)


OURS, TERMINATING = "gateway", "gateway, relay off"
PROXIES = ["nginx grpc_pass", "haproxy h2", "haproxy tcp", "envoy"]


def goals(results, relays):
    """What the project promises of the relay and of terminated calls, and whether this run keeps it."""
    lines = ["goals" + ("" if relays else " (this gateway has no relay: it terminates every call)")]

    def value(workload, peer, key="cpuUsPerCall"):
        samples = results.get(workload, {}).get(peer)
        return summary(samples)[key] if samples else None

    def goal(text, measured, limit, unit):
        if measured is None or limit is None:
            lines.append(f"  {text}: not measured")
        else:
            verdict = "met" if measured <= limit else "MISSED"
            lines.append(f"  {text}: {number(measured)} {unit} of {number(limit)}, {verdict}")

    def times(factor, other, plus=0):
        return None if other is None else factor * other + plus

    peak = value("8m-32", OURS, "peakBytes")
    goal("a small call at 32 streams", value("small-32", OURS), 5, "µs")
    goal("… a third of nginx", value("small-32", OURS), times(1 / 3, value("small-32", "nginx grpc_pass")), "µs")
    goal("… haproxy tcp and 3 µs", value("small-32", OURS), times(1, value("small-32", "haproxy tcp"), 3), "µs")
    for workload in ["256k-32", "stream-32"]:
        for proxy in PROXIES:
            goal(f"{workload}, below {proxy}", value(workload, OURS), value(workload, proxy), "µs")
    goal("peak memory with 8m-32", peak and peak / 1e6, 25, "MB")
    for workload, factor in [("small-32", 1), ("256k-32", 1.5), ("stream-32", 2)]:
        goal(f"terminated {workload}, {factor} × envoy", value(workload, TERMINATING), times(factor, value(workload, "envoy")), "µs")
    return "\n".join(lines)


def slowdown(results, before, after):
    """By how much the p99 of one set of samples is above that of another, by the median of the rounds' ratios."""
    pairs = zip(results[before], results[after])
    percent = (statistics.median([beside.p99_us / alone.p99_us for alone, beside in pairs]) - 1) * 100
    return f"  p99 {percent:+.0f} % (goal: below +20 %), {'met' if percent < 20 else 'MISSED'}"


def row(name, *columns):
    return f"  {name:<22}" + "".join(f"{column:>13}" for column in columns)


def number(value):
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def time(microseconds):
    if microseconds is None:
        return "–"
    return f"{microseconds / 1000:.1f} ms" if microseconds >= 10_000 else f"{number(microseconds)} µs"


def machine():
    """Where it was measured, and with what."""
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} × {model}, Linux {platform.release()}"


def versions(programs):
    """Name and version of each program, from what it says of itself."""
    found = []
    for arguments in programs:
        done = subprocess.run(arguments, capture_output=True, text=True)
        number = re.search(r"[0-9]+\.[0-9]+\.[0-9]+", done.stdout + done.stderr)
        found.append(f"{os.path.basename(arguments[0])} {number[0] if number else 'of unknown version'}")
    return found
