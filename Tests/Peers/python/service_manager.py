"""Plays systemd for one service, where PID 1 is something else: holds its control socket, keeps the descriptors it stores, restarts it.

Usage: service_manager.py CONTROL_SOCKET COMMAND...

Commands, one a line of standard input:
  restart   SIGTERM, and a new process once the old one has ended
  crash     the same with SIGKILL
  hang-up   SIGHUP
  forget    close everything that is stored (FileDescriptorStoreMax=0)
  stored    the names of what is stored
The end of standard input stops the service. Results, one JSON object a line of standard output:
  {"event": "started", "pid": N, "passed": [NAME...]}   {"event": "ready", "status": TEXT}   {"event": "reloading"}
  {"event": "stopping"}   {"event": "ended", "code": N}   {"event": "stored", "names": [NAME...]}

As systemd does: descriptors come from number 3 on, with LISTEN_PID of the new process; FDSTORE=1 takes descriptors, each once;
FDSTOREREMOVE=1 drops those of a name; what anybody but the main process says is ignored (NotifyAccess=main).
"""

import array
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile

FIRST = 3
STORE_LIMIT = 1024


class Manager:
    def __init__(self, control, command):
        self.command = command
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.bind(control)
        os.chmod(control, 0o660)
        self.control.listen(256)
        self.directory = tempfile.TemporaryDirectory(prefix="pgw-manager-")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.directory.name + "/notify")
        self.notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.store = []  # (name, descriptor), in the order in which they came
        self.pid = self.pidfd = None
        self.wanted = True

    def say(self, event, **members):
        print(json.dumps({"event": event, **members}), flush=True)

    def start(self):
        passed = [("control", self.control.fileno())] + self.store
        environment = dict(os.environ)
        environment["NOTIFY_SOCKET"] = self.directory.name + "/notify"
        environment["LISTEN_FDS"] = str(len(passed))
        environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in passed)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                # Out of the way first: a descriptor may stand where another one has to go.
                copies = [os.dup(fd) for _, fd in passed]
                top = FIRST + len(copies)
                copies = [self.above(fd, top) for fd in copies]
                for number, fd in enumerate(copies, FIRST):
                    os.dup2(fd, number, inheritable=True)
                os.closerange(top, 65536)
                null = os.open("/dev/null", os.O_RDWR)
                os.dup2(null, 0)
                os.dup2(null, 1)
                os.close(null)
                environment["LISTEN_PID"] = str(os.getpid())
                os.execve(self.command[0], self.command, environment)
            finally:
                os._exit(127)
        self.pidfd = os.pidfd_open(self.pid)
        self.say("started", pid=self.pid, passed=[name for name, _ in passed])

    @staticmethod
    def above(fd, limit):
        while fd < limit:
            fd = os.dup(fd)
        return fd

    def ended(self):
        _, status = os.waitpid(self.pid, 0)
        os.close(self.pidfd)
        # What it said last may still be there to be read.
        while select.select([self.notify], [], [], 0)[0]:
            self.hear()
        self.pid = self.pidfd = None
        self.say("ended", code=os.waitstatus_to_exitcode(status))
        if self.wanted:
            self.start()

    def hear(self):
        room = socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4 * 253)
        message, ancillary, _, _ = self.notify.recvmsg(65536, room)
        descriptors, sender = array.array("i"), None
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                descriptors.frombytes(data[: len(data) - len(data) % descriptors.itemsize])
            elif level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                sender = struct.unpack("iii", data)[0]
        said = [line.partition("=")[::2] for line in message.decode().splitlines()]
        said = {name: value for name, value in said}
        if sender != self.pid:
            for fd in descriptors:
                os.close(fd)
            return
        name = said.get("FDNAME", "stored")
        for fd in descriptors:
            known = any(os.path.sameopenfile(fd, other) for _, other in self.store)
            if said.get("FDSTORE") != "1" or known or len(self.store) >= STORE_LIMIT:
                os.close(fd)
            else:
                self.store.append((name, fd))
        if said.get("FDSTOREREMOVE") == "1":
            self.forget(name)
        for word, event in ("READY", "ready"), ("RELOADING", "reloading"), ("STOPPING", "stopping"):
            if said.get(word) == "1":
                self.say(event, status=said.get("STATUS", ""))

    def forget(self, name=None):
        for _, fd in (entry for entry in self.store if name in (None, entry[0])):
            os.close(fd)
        self.store = [entry for entry in self.store if name not in (None, entry[0])]

    def obey(self, word):
        if word == "stored":
            self.say("stored", names=sorted(name for name, _ in self.store))
        elif word == "forget":
            self.forget()
        elif self.pidfd is not None and word in ("restart", "crash", "hang-up"):
            number = {"restart": signal.SIGTERM, "crash": signal.SIGKILL, "hang-up": signal.SIGHUP}[word]
            signal.pidfd_send_signal(self.pidfd, number)

    def run(self):
        signal.signal(signal.SIGTERM, lambda *_: self.stop())
        self.start()
        pending = b""
        while self.pid is not None:
            watched = [self.notify, self.pidfd] + ([0] if self.wanted else [])
            ready, _, _ = select.select(watched, [], [])
            if self.notify in ready:
                self.hear()
            if self.pidfd in ready:
                self.ended()
            elif 0 in ready:
                piece = os.read(0, 65536)
                if not piece:
                    self.stop()
                pending += piece
                while b"\n" in pending:
                    line, pending = pending.split(b"\n", 1)
                    self.obey(line.decode().strip())
        self.directory.cleanup()

    def stop(self):
        self.wanted = False
        self.obey("restart")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    Manager(sys.argv[1], sys.argv[2:]).run()
