"""What stands between load and plugin. Each has a socket to be called on, and processes whose time and memory count."""

import getpass
import json
import os
import shutil
import subprocess

from processes import BenchError, Process, cpu_nanoseconds, forget_peak, peak_bytes, socket_accepts, tree

HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    """A proxy in front of a plugin's socket. Without one of its own: the plugin itself."""

    name = "direct"
    process = None
    # Processes below `process` that are not part of the proxy.
    others = ()

    def __init__(self, scratch, upstream):
        self.scratch = os.path.join(scratch, self.name.replace(" ", "-").replace(",", ""))
        os.makedirs(self.scratch, exist_ok=True)
        self.upstream = upstream
        self.socket = upstream

    def start(self):
        pass

    def stop(self):
        if self.process:
            self.process.stop()
            self.process = None

    @property
    def pids(self):
        return tree(self.process.pid, self.others) if self.process else []

    def cpu(self):
        return cpu_nanoseconds(self.pids)

    def forget_peak(self):
        forget_peak(self.pids)

    def peak(self):
        return peak_bytes(self.pids)

    # For those that are configured by a file.

    def configured(self, name, **values):
        self.socket = os.path.join(self.scratch, "listen.sock")
        with open(os.path.join(HERE, "configurations", name)) as file:
            text = file.read()
        for key, value in {"SCRATCH": self.scratch, "LISTEN": self.socket, "UPSTREAM": self.upstream, **values}.items():
            text = text.replace(f"@{key}@", value)
        path = os.path.join(self.scratch, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def run(self, arguments):
        self.process = Process(arguments, os.path.join(self.scratch, "log"))
        self.process.wait_for(lambda: socket_accepts(self.socket), "it listened")


class Nginx(Peer):
    name = "nginx grpc_pass"

    def start(self):
        # Workers of a master that is root would change to a user who may not use the socket.
        user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
        configuration = self.configured("nginx.conf", USER=user)
        self.run([program("nginx"), "-c", configuration, "-p", self.scratch, "-e", "stderr"])


class HAProxy(Peer):
    name = "haproxy h2"
    mode, protocol = "http", "proto h2"

    def start(self):
        self.run([program("haproxy"), "-db", "-f", self.configured("haproxy.cfg", MODE=self.mode, PROTOCOL=self.protocol)])


class HAProxyTCP(HAProxy):
    name = "haproxy tcp"
    mode, protocol = "tcp", ""


class Envoy(Peer):
    name = "envoy"
    executable = None

    def start(self):
        configuration = self.configured("envoy.yaml")
        self.run([self.executable, "-c", configuration, "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"])


class Gateway(Peer):
    """The project's own daemon with a plugin below it, attached as a host attaches it: by starting the locator in the plugin's place."""

    name = "gateway"
    binaries = None
    settings = {}
    plugin_id = "bench-datasource"

    def __init__(self, scratch, plugin):
        super().__init__(scratch, None)
        self.plugin = plugin
        self.locators = []
        self.mode = None

    def start(self):
        self.roots, runtime = os.path.join(self.scratch, "plugins"), os.path.join(self.scratch, "run")
        os.makedirs(self.roots)
        os.makedirs(runtime)
        configuration = os.path.join(self.scratch, "config.yaml")
        keys = {"plugin_roots": [self.roots], "runtime_directory": runtime}
        write_json(configuration, {**keys, **({"plugins": {self.plugin_id: self.settings}} if self.settings else {})})

        self.program = os.path.join(self.binaries, "plugin-gateway")
        control = os.path.join(runtime, "control.sock")
        self.environment = {**os.environ, "PLUGIN_GATEWAY_SOCKET": control}
        self.process = Process([self.program, "serve", "--config", configuration], os.path.join(self.scratch, "log"), self.environment)
        self.process.wait_for(lambda: socket_accepts(control), "it listened")
        self.socket = self.attach(self.plugin_id)
        self.mode = self.status(self.plugin_id).get("mode")

    def attach(self, plugin_id):
        """Installs the plugin under this id, and attaches it. Returns the socket for its host."""
        directory = os.path.join(self.roots, plugin_id)
        os.makedirs(directory)
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        executable = os.path.join(directory, f"gpx_bench_linux_{machine}")
        shutil.copy(self.plugin, executable)
        description = {"id": plugin_id, "type": "datasource", "name": "Benchmark", "backend": True, "executable": "gpx_bench"}
        write_json(os.path.join(directory, "plugin.json"), {**description, "info": {"version": "1.0.0"}})
        wrapped = subprocess.run([self.program, "wrap", directory], capture_output=True, text=True)
        if wrapped.returncode != 0:
            raise BenchError(f"plugin-gateway wrap: {wrapped.stderr}")
        log = os.path.join(self.scratch, f"locator-{plugin_id}.log")
        socket, locator = started_plugin(executable, log, self.environment, versions="2")
        self.locators.append(locator)
        self.process.wait_for(lambda: self.status(plugin_id).get("state") == "serving", "its plugin served")
        self.others = (*self.others, self.status(plugin_id)["pid"])
        return socket

    def status(self, plugin_id):
        answer = subprocess.run([self.program, "status", "--json"], capture_output=True, text=True, env=self.environment)
        plugins = json.loads(answer.stdout)["plugins"] if answer.returncode == 0 else []
        return next((plugin for plugin in plugins if plugin["plugin"] == plugin_id), {})

    def stop(self):
        for locator in self.locators:
            locator.stop()
        super().stop()


class TerminatingGateway(Gateway):
    """The same, with the relay switched off for the plugin: each call goes through the gateway's own HTTP/2."""

    name = "gateway, relay off"
    settings = {"relay": False}

    @classmethod
    def exists(cls, scratch):
        """Whether this gateway knows the setting: one that does not always terminates."""
        configuration = os.path.join(scratch, "relay-key.yaml")
        keys = {"plugin_roots": [scratch], "runtime_directory": os.path.join(scratch, "probe"), "plugins": {"p": cls.settings}}
        os.makedirs(keys["runtime_directory"], exist_ok=True)
        write_json(configuration, keys)
        log = os.path.join(scratch, "relay-key.log")
        process = Process([os.path.join(cls.binaries, "plugin-gateway"), "serve", "--config", configuration], log)
        try:
            process.wait_for(lambda: socket_accepts(os.path.join(keys["runtime_directory"], "control.sock")), "it listened")
            return True
        except BenchError:
            if process.child.poll() == 78:
                return False
            raise
        finally:
            process.stop()


def started_plugin(executable, log, environment=None, versions="2"):
    """Starts a plugin, or a locator, as a host does. Returns the socket of its handshake line, and the process."""
    variables = {**(environment or os.environ), "grafana_plugin_type": "datasource", "PLUGIN_PROTOCOL_VERSIONS": versions}
    variables.update(PLUGIN_MIN_PORT="10000", PLUGIN_MAX_PORT="25000")
    process = Process([executable], log, variables, stdout=subprocess.PIPE)
    line = process.child.stdout.readline().decode().strip().split("|")
    if len(line) < 5 or line[2] != "unix":
        process.stop()
        raise BenchError(f"{executable} printed no handshake but {'|'.join(line)!r}:\n{process.log_text()}")
    return line[3], process


def program(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not path:
        raise BenchError(f"{name} is not installed; Benchmarks/relay/setup.sh installs it")
    return path


def write_json(path, value):
    """JSON is YAML."""
    with open(path, "w") as file:
        json.dump(value, file)
