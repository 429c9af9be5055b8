// legacy-datasource is a backend plugin of the first protocol version, built with the libraries such plugins were built with.
// What it answers is chosen by each query's modelJson; see Tests/Peers/README.md.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-model/go/datasource"
	hclog "github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
)

// go-plugin replaces os.Stdout and os.Stderr by pipes that nobody reads once the handshake is out.
// The real ones, which the host reads, are kept here.
var (
	hostStdout = os.Stdout
	hostStderr = os.Stderr
)

var logger = hclog.New(&hclog.LoggerOptions{
	Name:       "legacy-datasource",
	Level:      hclog.Trace,
	Output:     hostStderr,
	JSONFormat: true,
})

func main() {
	obeyStartEnvironment()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "grafana_plugin_type",
			MagicCookieValue: "datasource",
		},
		Plugins: map[string]plugin.Plugin{
			"legacy-datasource": &datasource.DatasourcePluginImpl{Plugin: &legacyDatasource{}},
		},
		GRPCServer: plugin.DefaultGRPCServer,
	})
}

// obeyStartEnvironment misbehaves before the handshake where a test asks for it.
func obeyStartEnvironment() {
	if text := os.Getenv("LEGACY_STDERR_AT_START"); text != "" {
		fmt.Fprintln(hostStderr, text)
	}
	if text := os.Getenv("LEGACY_STDOUT_AT_START"); text != "" {
		fmt.Fprintln(hostStdout, text)
	}
	if milliseconds, err := strconv.Atoi(os.Getenv("LEGACY_START_SLEEP_MS")); err == nil {
		time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	}
	if code, err := strconv.Atoi(os.Getenv("LEGACY_EXIT_AT_START")); err == nil {
		os.Exit(code)
	}
	if file := os.Getenv("LEGACY_CRASH_WHILE_EXISTS"); file != "" {
		if _, err := os.Stat(file); err == nil {
			panic("legacy-datasource: asked to crash at start")
		}
	}
}
