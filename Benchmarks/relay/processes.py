"""Processes of the benchmark: started, watched through /proc, and ended by their own numbers."""

import os
import signal
import subprocess
import time


class BenchError(Exception):
    """What went wrong, and what to do about it."""


class Process:
    """A child, and whatever it starts. Its output goes to a log in the scratch directory."""

    def __init__(self, arguments, log, environment=None, stdout=None):
        self.arguments = arguments
        self.log = log
        with open(log, "ab") as file:
            self.child = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=stdout or file, stderr=file, env=environment, start_new_session=True)

    @property
    def pid(self):
        return self.child.pid

    def wait_for(self, condition, what, seconds=20):
        limit = time.monotonic() + seconds
        while not condition():
            if self.child.poll() is not None:
                raise BenchError(f"{self.arguments[0]} ended with {self.child.returncode} before {what}:\n{self.log_text()}")
            if time.monotonic() > limit:
                raise BenchError(f"{self.arguments[0]} was waited for in vain ({what}):\n{self.log_text()}")
            time.sleep(0.02)

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()[-4000:]

    def stop(self):
        """Asks the process to end, then insists. What it started and left behind is ended too."""
        family = [(pid, start_time(pid)) for pid in tree(self.pid)]
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        limit = time.monotonic() + 5
        while any(is_same(pid, began) for pid, began in family) and time.monotonic() < limit:
            time.sleep(0.02)
        for pid, began in family:
            if is_same(pid, began):
                os.kill(pid, signal.SIGKILL)


def facts(pid):
    """The fields of /proc/PID/stat from the state on; None when there is no such process, or it only waits to be collected."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields


def start_time(pid):
    fields = facts(pid)
    return fields[19] if fields else None


def is_same(pid, began):
    return began is not None and start_time(pid) == began


def tree(root, without=()):
    """A process and all that descend from it, but for some and theirs."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := facts(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid in without:
            continue
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def cpu_nanoseconds(pids):
    """Time on a processor of all threads that live. Threads that end take theirs along; these programs keep theirs."""
    total = 0
    for pid in pids:
        try:
            tasks = os.listdir(f"/proc/{pid}/task")
        except FileNotFoundError:
            continue
        for task in tasks:
            try:
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    total += int(file.read().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                pass
    return total


def forget_peak(pids):
    """From here on the kernel looks for a new peak of resident memory."""
    for pid in pids:
        try:
            with open(f"/proc/{pid}/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass


def peak_bytes(pids):
    """The most resident memory since the last `forget_peak`, summed over the processes (pages that they share count for each)."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/status") as file:
                for line in file:
                    if line.startswith("VmHWM:"):
                        total += int(line.split()[1]) * 1024
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def socket_accepts(path):
    import socket

    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True
