// Package rude breaks HTTP/2 on purpose, from either side of a connection.
package rude

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"net"
	"os"
	"sort"
	"strconv"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Way is one way to misbehave on a connection, on which `stream` is open. It returns when it is done, or when the
// connection takes no more.
type Way func(connection net.Conn, stream uint32)

// Limit is how long a flood goes on when nobody stops it: RUDE_MS milliseconds, a second unless set.
var Limit = func() time.Duration {
	if milliseconds, err := strconv.Atoi(os.Getenv("RUDE_MS")); err == nil {
		return time.Duration(milliseconds) * time.Millisecond
	}
	return time.Second
}()

// Ways by name.
var Ways = map[string]Way{
	"mid-frame":          midFrame,
	"garbage":            garbage,
	"huge-frame":         hugeFrame,
	"settings-flood":     func(c net.Conn, _ uint32) { flood(c, frame(http2.FrameSettings, 0, 0, []byte{0, 4, 0, 0, 255, 255})) },
	"ping-flood":         func(c net.Conn, _ uint32) { flood(c, frame(http2.FramePing, 0, 0, make([]byte, 8))) },
	"continuation-flood": continuationFlood,
	"reset-flood":        func(c net.Conn, s uint32) { flood(c, frame(http2.FrameRSTStream, 0, s, []byte{0, 0, 0, 2})) },
	"window-flood":       func(c net.Conn, s uint32) { flood(c, frame(http2.FrameWindowUpdate, 0, 0, []byte{0, 0, 0, 1})) },
	"window-overflow":    func(c net.Conn, s uint32) { flood(c, frame(http2.FrameWindowUpdate, 0, 0, []byte{127, 255, 255, 255})) },
	"empty-data-flood":   func(c net.Conn, s uint32) { flood(c, frame(http2.FrameData, 0, s, nil)) },
	"unknown-flood":      func(c net.Conn, s uint32) { flood(c, frame(0xfa, 0, s, make([]byte, 16))) },
	"header-bomb":        headerBomb,
}

// Names of all ways.
func Names() []string {
	var names []string
	for name := range Ways {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func frame(kind http2.FrameType, flags byte, stream uint32, payload []byte) []byte {
	size := len(payload)
	bytes := []byte{byte(size >> 16), byte(size >> 8), byte(size), byte(kind), flags, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(bytes[5:], stream)
	return append(bytes, payload...)
}

// flood repeats a frame until the connection takes no more.
func flood(connection net.Conn, one []byte) {
	chunk := bytes.Repeat(one, 64<<10/len(one)+1)
	for end := time.Now().Add(Limit); time.Now().Before(end); {
		if _, err := connection.Write(chunk); err != nil {
			return
		}
	}
}

// midFrame ends the connection in the middle of a frame, and of the message of 995 bytes in it.
func midFrame(connection net.Conn, stream uint32) {
	message := append([]byte{0, 0, 0, 3, 227}, bytes.Repeat([]byte{'m'}, 995)...)
	connection.Write(frame(http2.FrameData, 0, stream, message)[:100])
	connection.Close()
}

func garbage(connection net.Conn, _ uint32) {
	source := rand.New(rand.NewSource(7))
	chunk := make([]byte, 64<<10)
	for end := time.Now().Add(Limit); time.Now().Before(end); {
		source.Read(chunk)
		if _, err := connection.Write(chunk); err != nil {
			return
		}
	}
}

// hugeFrame sends a frame of the largest size there is, 16 MiB, which nobody allowed.
func hugeFrame(connection net.Conn, stream uint32) {
	if _, err := connection.Write([]byte{255, 255, 255, 0, 0, 0, 0, 0, byte(stream)}); err != nil {
		return
	}
	flood(connection, make([]byte, 64<<10))
}

// continuationFlood sends a header block that never ends.
func continuationFlood(connection net.Conn, stream uint32) {
	block := fields(200, 40)
	if _, err := connection.Write(frame(http2.FrameHeaders, 0, stream, block)); err != nil {
		return
	}
	flood(connection, frame(http2.FrameContinuation, 0, stream, block))
}

// headerBomb sends a small header block that is large when it is unpacked: one long field, and references to it.
func headerBomb(connection net.Conn, stream uint32) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	long := hpack.HeaderField{Name: "x-long", Value: string(bytes.Repeat([]byte{'x'}, 3500))}
	for number := 0; number < 8000; number++ {
		encoder.WriteField(long)
	}
	rest := block.Bytes()
	kind, flags := http2.FrameHeaders, byte(0)
	for len(rest) > 0 {
		piece := rest
		if len(piece) > 16_000 {
			piece = piece[:16_000]
		}
		rest = rest[len(piece):]
		if len(rest) == 0 {
			flags = byte(http2.FlagHeadersEndHeaders)
		}
		if _, err := connection.Write(frame(kind, flags, stream, piece)); err != nil {
			return
		}
		kind = http2.FrameContinuation
	}
}

func fields(count, size int) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for number := 0; number < count; number++ {
		value := bytes.Repeat([]byte{byte('a' + number%26)}, size)
		encoder.WriteField(hpack.HeaderField{Name: "x-field", Value: string(value), Sensitive: true})
	}
	return block.Bytes()
}
