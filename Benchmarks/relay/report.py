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


# (workload, peer, key, limit, unit and factor)
GOALS = [
    ("small-32", "gateway", "cpuUsPerCall", 5, "µs of CPU a small call", 1),
    ("8m-32", "gateway", "peakBytes", 25, "MB at the peak with 32 × 8 MB", 1e-6),
]


def goals(results, relays):
    lines = ["goals of the relay" + ("" if relays else " (this gateway has none yet: it terminates every call)")]
    for workload, peer, key, limit, unit, factor in GOALS:
        samples = results.get(workload, {}).get(peer)
        if not samples:
            lines.append(f"  at most {limit} {unit}: not measured")
            continue
        value = summary(samples)[key] * factor
        lines.append(f"  at most {limit} {unit}: {number(value)}, {'met' if value <= limit else 'MISSED'}")
    return "\n".join(lines)


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
