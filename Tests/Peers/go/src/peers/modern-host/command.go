package main

import (
	"encoding/json"
	"os"
	"time"
)

// command is one line of stdin.
type command struct {
	Op    string          `json:"op"`
	ID    json.RawMessage `json:"id"`
	Async bool            `json:"async"`

	// Calls.
	Request       json.RawMessage `json:"request"`
	RequestBase64 *string         `json:"requestBase64"`
	Method        string          `json:"method"`
	Stream        bool            `json:"stream"`
	TimeoutMs     int64           `json:"timeoutMs"`
	CancelAfterMs int64           `json:"cancelAfterMs"`
	MaxMessages   int             `json:"maxMessages"`
	Metadata      metadataMap     `json:"metadata"`
	Gzip          bool            `json:"gzip"`
	Raw           bool            `json:"raw"`
	Omit          bool            `json:"omit"`

	// load
	Count       int               `json:"count"`
	Concurrency int               `json:"concurrency"`
	Requests    []json.RawMessage `json:"requests"`

	// endure
	Mix json.RawMessage `json:"mix"`

	// logs, waitLog, exited
	Since    int    `json:"since"`
	Contains string `json:"contains"`
	WaitMs   int64  `json:"waitMs"`
}

func (h *host) perform(command *command) result {
	wait := time.Duration(command.WaitMs) * time.Millisecond
	switch command.Op {
	case "start":
		return h.start()
	case "kill":
		return h.kill()
	case "crash-host":
		os.Exit(99)
	case "pid":
		return result{"ok": true, "pid": h.pid(), "hostPid": os.Getpid()}
	case "handshake":
		return h.handshake()
	case "exited":
		return h.exited(wait)
	case "logs":
		return result{"ok": true, "lines": h.logs.since(command.Since, command.Contains), "count": h.logs.count()}
	case "waitLog":
		found := h.logs.wait(command.Since, command.Contains, wait)
		return result{"ok": len(found) > 0, "lines": found, "count": h.logs.count()}
	case "stdio":
		return h.stdioState()
	case "ping":
		return h.ping(command)
	case "load":
		return h.load(command)
	case "endure":
		return h.endure(command.Mix)
	case "endure-state":
		return h.endureState()
	case "endure-stop":
		return h.endureStop(wait)
	case "stopLoad":
		return h.stopLoad()
	}
	return h.call(command)
}

func (h *host) handshake() result {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.client == nil {
		return result{"ok": false, "message": "no process"}
	}
	attached := h.client.ReattachConfig()
	if attached == nil {
		return result{"ok": false, "message": "not started"}
	}
	return result{
		"ok": true, "version": h.client.NegotiatedVersion(), "protocol": string(attached.Protocol),
		"network": attached.Addr.Network(), "address": attached.Addr.String(),
	}
}
