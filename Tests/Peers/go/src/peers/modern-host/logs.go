package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	hclog "github.com/hashicorp/go-hclog"
)

// logLine is one entry that reached the host's logger: go-plugin's own, and each line of the plugin's stderr.
type logLine struct {
	Name    string            `json:"name"`
	Level   string            `json:"level"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields"`
}

// logCollector remembers what the host logs, as Grafana's log would show it.
type logCollector struct {
	logger hclog.Logger

	lock  sync.Mutex
	lines []logLine
}

func newLogCollector(file string) *logCollector {
	var out io.Writer = io.Discard
	if file != "" {
		opened, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			usage("--log-file: " + err.Error())
		}
		out = opened
	}
	collector := &logCollector{}
	logger := hclog.NewInterceptLogger(&hclog.LoggerOptions{
		Name: "host", Level: hclog.Trace, Output: out, JSONFormat: true,
	})
	logger.RegisterSink(collector)
	collector.logger = logger
	return collector
}

// Accept is called by hclog for every entry.
func (c *logCollector) Accept(name string, level hclog.Level, message string, arguments ...interface{}) {
	fields := map[string]string{}
	for index := 0; index+1 < len(arguments); index += 2 {
		fields[fmt.Sprint(arguments[index])] = fmt.Sprint(arguments[index+1])
	}
	names := map[hclog.Level]string{
		hclog.Trace: "trace", hclog.Debug: "debug", hclog.Info: "info", hclog.Warn: "warn", hclog.Error: "error",
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.lines = append(c.lines, logLine{Name: name, Level: names[level], Message: message, Fields: fields})
}

func (c *logCollector) count() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	return len(c.lines)
}

// since gives the lines from an index on whose message or a field contains the text.
func (c *logCollector) since(index int, text string) []logLine {
	c.lock.Lock()
	defer c.lock.Unlock()
	found := []logLine{}
	for at := index; at >= 0 && at < len(c.lines); at++ {
		if c.lines[at].contains(text) {
			found = append(found, c.lines[at])
		}
	}
	return found
}

func (c *logCollector) containsSince(index int, text string) bool {
	return len(c.since(index, text)) > 0
}

// wait gives the matching lines as soon as there is one, or none when the time is over.
func (c *logCollector) wait(index int, text string, limit time.Duration) []logLine {
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		if found := c.since(index, text); len(found) > 0 || time.Now().After(end) {
			return found
		}
	}
}

func (line logLine) contains(text string) bool {
	if strings.Contains(line.Message, text) {
		return true
	}
	for _, value := range line.Fields {
		if strings.Contains(value, text) {
			return true
		}
	}
	return false
}
