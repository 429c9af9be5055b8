package main

import (
	"context"
	"math"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/grafana/grafana-plugin-model/go/datasource"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

type hostOptions struct {
	environment  []string
	command      []string
	logFile      string
	startTimeout time.Duration
	automtls     bool
	versions     []int
	cookieValue  string
	legacy       bool
	directSocket string
}

// host is one plugin client at a time: a process started through go-plugin, or a bare connection to a socket.
type host struct {
	options hostOptions
	logs    *logCollector

	lock       sync.Mutex
	client     *plugin.Client
	process    *exec.Cmd
	protocol   plugin.ClientProtocol
	connection *grpc.ClientConn
	stdio      *stdioReader
	endurance  *endurance
	// Closed to end the loads that have no count.
	stopLoads chan struct{}
}

func newHost(options hostOptions) *host {
	// go-plugin puts the host's own environment after the given one, so the host must not hold the same names.
	for _, entry := range options.environment {
		os.Unsetenv(strings.SplitN(entry, "=", 2)[0])
	}
	return &host{options: options, logs: newLogCollector(options.logFile)}
}

// start launches and connects. The error text is what Grafana logs and shows.
func (h *host) start() result {
	began := time.Now()
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.connection != nil {
		return result{"ok": false, "message": "already started"}
	}
	var address net.Addr
	var err error
	version := 0
	if h.options.directSocket != "" {
		h.connection, err = dial(h.options.directSocket)
	} else {
		address, version, err = h.launch()
	}
	line := result{"ok": err == nil, "tookMs": milliseconds(began)}
	if err != nil {
		line["message"] = err.Error()
		return line
	}
	if address != nil {
		line["version"] = version
		line["network"] = address.Network()
		line["address"] = address.String()
		line["pid"] = h.process.Process.Pid
	}
	if !h.options.legacy {
		h.stdio = readStdio(h.connection)
	}
	return line
}

func (h *host) launch() (net.Addr, int, error) {
	h.process = exec.Command(h.options.command[0], h.options.command[1:]...)
	h.process.Env = h.options.environment
	h.client = plugin.NewClient(h.configuration())
	address, err := h.client.Start()
	if err != nil {
		return nil, 0, err
	}
	protocol, err := h.client.Client()
	if err != nil {
		return nil, 0, err
	}
	// As Grafana does: every kind of client comes from one dispense each, without knowing what the plugin has.
	for name := range h.pluginSet() {
		if _, err := protocol.Dispense(name); err != nil {
			return nil, 0, err
		}
	}
	h.protocol = protocol
	h.connection = protocol.(*plugin.GRPCClient).Conn
	return address, h.client.NegotiatedVersion(), nil
}

func (h *host) configuration() *plugin.ClientConfig {
	configuration := &plugin.ClientConfig{
		Cmd: h.process,
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  2,
			MagicCookieKey:   "grafana_plugin_type",
			MagicCookieValue: h.options.cookieValue,
		},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           h.logs.logger,
		StartTimeout:     h.options.startTimeout,
		AutoMTLS:         h.options.automtls,
	}
	if h.options.legacy {
		configuration.ProtocolVersion = 1
		configuration.Plugins = h.pluginSet()
		return configuration
	}
	configuration.VersionedPlugins = map[int]plugin.PluginSet{}
	for _, version := range h.options.versions {
		configuration.VersionedPlugins[version] = h.pluginSet()
	}
	return configuration
}

func (h *host) pluginSet() plugin.PluginSet {
	if h.options.legacy {
		return plugin.PluginSet{"datasource": &datasource.DatasourcePluginImpl{}}
	}
	set := plugin.PluginSet{}
	for _, name := range []string{"diagnostics", "resource", "data", "stream", "admission", "conversion"} {
		set[name] = &connectionPlugin{}
	}
	return set
}

// connectionPlugin dispenses the connection itself: calls are made on it by method path.
type connectionPlugin struct {
	plugin.NetRPCUnsupportedPlugin
}

func (*connectionPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }
func (*connectionPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, connection *grpc.ClientConn) (interface{}, error) {
	return connection, nil
}

// dial connects with the options that go-plugin uses, message limits included.
func dial(socket string) (*grpc.ClientConn, error) {
	return grpc.Dial("unused",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}),
		grpc.FailOnNonTempDialError(true),
		grpc.WithInsecure(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)),
	)
}

// killLimit is how long a kill may take. go-plugin's own has no limit: a plugin that never answers Shutdown, or a
// process that keeps its stderr open, makes it wait for ever.
const killLimit = 10 * time.Second

// kill ends the plugin as Grafana does: GRPCController.Shutdown, two seconds of patience, SIGKILL.
func (h *host) kill() result {
	h.lock.Lock()
	defer h.lock.Unlock()
	began := time.Now()
	line := result{"ok": true}
	if h.client != nil {
		before := h.logs.count()
		client, ended := h.client, make(chan struct{})
		go func() {
			client.Kill()
			close(ended)
		}()
		select {
		case <-ended:
			line["graceful"] = !h.logs.containsSince(before, "plugin failed to exit gracefully")
			h.exitStatus(line)
		case <-time.After(killLimit):
			line["ok"], line["graceful"], line["message"] = false, false, "go-plugin's Kill does not end; the process got SIGKILL"
			h.process.Process.Kill()
		}
	} else if h.connection != nil {
		h.connection.Close()
	}
	h.client, h.protocol, h.connection = nil, nil, nil
	line["tookMs"] = milliseconds(began)
	return line
}

// exited tells whether go-plugin saw the process end, waiting for that at most as long as asked.
func (h *host) exited(wait time.Duration) result {
	h.lock.Lock()
	client := h.client
	h.lock.Unlock()
	if client == nil {
		return result{"ok": true, "exited": true}
	}
	for end := time.Now().Add(wait); !client.Exited() && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	line := result{"ok": true, "exited": client.Exited()}
	if client.Exited() {
		h.exitStatus(line)
	}
	return line
}

func (h *host) exitStatus(line result) {
	if h.process == nil || h.process.ProcessState == nil {
		return
	}
	line["exitCode"] = h.process.ProcessState.ExitCode()
	if status, ok := h.process.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		line["signal"] = int(status.Signal())
	}
}

func (h *host) pid() int {
	if h.process == nil || h.process.Process == nil {
		return 0
	}
	return h.process.Process.Pid
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since).Microseconds()) / 1000
}
