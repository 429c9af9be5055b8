// bad-plugin is started as a plugin and behaves badly in the way its mode says. The mode is BAD_PLUGIN_MODE, else the
// first line of the file <executable>.mode. The modes are described in Tests/Peers/README.md.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"peers/rude"
)

var modes = map[string]func(){
	// Before or instead of the handshake.
	"garbage":        func() { fmt.Println("Hello, this is no handshake"); hang() },
	"empty":          func() { fmt.Fprintln(os.Stderr, "bad-plugin: cannot read my configuration"); os.Exit(1) },
	"silent":         hang,
	"closed-stdout":  func() { os.Stdout.Close(); hang() },
	"flood":          flood,
	"flood-lines":    floodLines,
	"huge-line":      hugeLine,
	"unterminated":   func() { fmt.Print("1|1|unix|" + socketPath("unterminated") + "|grpc|"); hang() },
	"exit0":          exitZero,
	"short-line":     func() { fmt.Println("1|1|unix"); hang() },
	"wrong-core":     func() { fmt.Println("2|1|unix|" + socketPath("core") + "|grpc|"); hang() },
	"wrong-version":  func() { fmt.Println("1|7|unix|" + socketPath("version") + "|grpc|"); hang() },
	"not-a-version":  func() { fmt.Println("1|one|unix|" + socketPath("version") + "|grpc|"); hang() },
	"netrpc":         func() { fmt.Println("1|1|unix|" + socketPath("netrpc") + "|netrpc|"); hang() },
	"odd-network":    func() { fmt.Println("1|1|vsock|" + socketPath("vsock") + "|grpc|"); hang() },
	"missing-socket": func() { fmt.Println("1|1|unix|" + socketPath("missing") + "|grpc|"); hang() },
	"stale-socket":   staleSocket,
	"certificate":    certificate,
	"multiplexing":   func() { fmt.Println("1|1|unix|" + socketPath("multiplexing") + "|grpc||true"); hang() },

	// After a good handshake.
	"deaf":            deaf,
	"not-http2":       notHTTP2,
	"tcp":             serveTCP,
	"slow":            slow,
	"no-services":     serveWithoutServices,
	"not-serving":     serveNotServing,
	"ignore-stop":     serveIgnoringStop,
	"exit-after":      exitAfter,
	"grandchild":      grandchild,
	"flood-after":     floodAfter,
	"gzip":            serveCompressed,
	"truncated":       serveTruncated,
	"crash-mid-call":  serveCrashing,
	"kill-mid-call":   serveKillingItself,
	"hang-mid-call":   serveHanging,
	"close-mid-call":  serveClosingConnection,
	"field-six-short": serveFieldSixShort,
	"flood-output":    floodOutput,
	"runaway":         runaway,

	// After a good handshake, frame by frame; the ways of the package rude come to these.
	"never-reads":  serveDeafly,
	"never-writes": serveSilently,
}

func init() {
	for name, way := range rude.Ways {
		modes["rude-"+name] = serveRudely(way)
	}
}

func main() {
	mode := os.Getenv("BAD_PLUGIN_MODE")
	if mode == "" {
		if text, err := os.ReadFile(os.Args[0] + ".mode"); err == nil {
			mode = strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0])
		}
	}
	behave, known := modes[mode]
	if !known {
		var names []string
		for name := range modes {
			names = append(names, name)
		}
		sort.Strings(names)
		fmt.Fprintf(os.Stderr, "bad-plugin: unknown mode %q; modes: %s\n", mode, strings.Join(names, " "))
		os.Exit(64)
	}
	behave()
}

// delay is BAD_PLUGIN_MS, for the modes that wait.
func delay(otherwise time.Duration) time.Duration {
	if milliseconds, err := strconv.Atoi(os.Getenv("BAD_PLUGIN_MS")); err == nil {
		return time.Duration(milliseconds) * time.Millisecond
	}
	return otherwise
}

// hang waits to be ended. It gives up by itself after ten minutes, so that a failed test leaves nothing behind for long.
func hang() {
	time.Sleep(10 * time.Minute)
}

func socketPath(name string) string {
	return fmt.Sprintf("%s/bad-%s-%d", os.TempDir(), name, os.Getpid())
}
