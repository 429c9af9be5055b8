package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"peers/rude"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/empty"
	"github.com/grafana/grafana-plugin-model/go/datasource"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// rawPlugin speaks HTTP/2 frame by frame: a good plugin for go-plugin's own calls, whose first call of the host meets a
// misbehaviour. Later ones are answered with an empty message. A request that is no protobuf is refused as every plugin
// refuses it, and is not counted: no host sends one.
type rawPlugin struct {
	misbehave func(connection *rawConnection, stream uint32)
	// How many calls still meet it.
	left int32
}

type rawConnection struct {
	net.Conn
	framer *http2.Framer
	lock   sync.Mutex
	// Closed when nothing more shall be read.
	deaf chan struct{}
}

// serveRudely serves with one of the ways of the package rude.
func serveRudely(way rude.Way) func() {
	return func() {
		serveRaw(func(connection *rawConnection, stream uint32) {
			connection.lock.Lock()
			defer connection.lock.Unlock()
			way(connection, stream)
			// A flood that nobody stopped ends here; what took no time is left to the other side first.
			time.Sleep(delay(time.Second))
			connection.Close()
		})
	}
}

// serveSilently takes calls and never answers them, yet reads on.
func serveSilently() {
	serveRaw(func(*rawConnection, uint32) {})
}

// serveDeafly stops reading at the first call.
func serveDeafly() {
	serveRaw(func(connection *rawConnection, _ uint32) { close(connection.deaf) })
}

// serveRaw announces the protocol version BAD_PLUGIN_VERSION, 1 unless set, and misbehaves BAD_PLUGIN_TIMES, once
// unless set.
func serveRaw(misbehave func(connection *rawConnection, stream uint32)) {
	plugin := &rawPlugin{misbehave: misbehave, left: 1}
	if times, err := strconv.Atoi(os.Getenv("BAD_PLUGIN_TIMES")); err == nil {
		plugin.left = int32(times)
	}
	version := os.Getenv("BAD_PLUGIN_VERSION")
	if version == "" {
		version = "1"
	}
	path := socketPath("raw")
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	fmt.Println("1|" + version + "|unix|" + path + "|grpc|")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go plugin.serve(connection)
	}
}

func (p *rawPlugin) serve(accepted net.Conn) {
	defer accepted.Close()
	reader := bufio.NewReader(accepted)
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(reader, preface); err != nil {
		return
	}
	connection := &rawConnection{Conn: accepted, framer: http2.NewFramer(accepted, reader), deaf: make(chan struct{})}
	connection.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	connection.framer.SetMaxReadFrameSize(1 << 20)
	connection.locked(func(framer *http2.Framer) { framer.WriteSettings() })
	paths := map[uint32]string{}
	bodies := map[uint32][]byte{}
	finish := func(stream uint32) {
		p.answer(connection, stream, paths[stream], bodies[stream])
		delete(paths, stream)
		delete(bodies, stream)
	}
	for {
		select {
		case <-connection.deaf:
			hang()
		default:
		}
		next, err := connection.framer.ReadFrame()
		if err != nil {
			return
		}
		switch next := next.(type) {
		case *http2.MetaHeadersFrame:
			paths[next.StreamID] = next.PseudoValue("path")
			if next.StreamEnded() {
				finish(next.StreamID)
			}
		case *http2.DataFrame:
			bodies[next.StreamID] = append(bodies[next.StreamID], next.Data()...)
			if size := uint32(next.Length); size > 0 {
				connection.locked(func(framer *http2.Framer) {
					framer.WriteWindowUpdate(0, size)
					framer.WriteWindowUpdate(next.StreamID, size)
				})
			}
			if next.StreamEnded() {
				finish(next.StreamID)
			}
		case *http2.SettingsFrame:
			if !next.IsAck() {
				connection.locked(func(framer *http2.Framer) { framer.WriteSettingsAck() })
			}
		case *http2.PingFrame:
			if !next.IsAck() {
				connection.locked(func(framer *http2.Framer) { framer.WritePing(true, next.Data) })
			}
		}
	}
}

// answer runs when a request is complete.
func (p *rawPlugin) answer(connection *rawConnection, stream uint32, path string, body []byte) {
	switch path {
	case "/grpc.health.v1.Health/Check":
		// Status: SERVING.
		connection.reply(stream, []byte{8, 1})
	case "/plugin.GRPCController/Shutdown":
		os.Exit(0)
	case "/plugin.GRPCStdio/StreamStdio":
	default:
		// Behind the five bytes before a message.
		if len(body) < 5 || proto.Unmarshal(body[5:], new(empty.Empty)) != nil {
			connection.refuse(stream)
			return
		}
		if atomic.AddInt32(&p.left, -1) < 0 {
			connection.reply(stream, nil)
			return
		}
		if _, err := connection.headers(stream, ":status", "200", "content-type", "application/grpc"); err != nil {
			return
		}
		// Reading goes on beside it, so that an end of the connection is seen.
		go p.misbehave(connection, stream)
	}
}

func (c *rawConnection) locked(write func(framer *http2.Framer)) {
	c.lock.Lock()
	defer c.lock.Unlock()
	write(c.framer)
}

func (c *rawConnection) reply(stream uint32, message []byte) {
	c.headers(stream, ":status", "200", "content-type", "application/grpc")
	c.locked(func(framer *http2.Framer) {
		framer.WriteData(stream, false, append([]byte{0, 0, 0, 0, byte(len(message))}, message...))
	})
	var block bytes.Buffer
	hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: "grpc-status", Value: "0"})
	c.locked(func(framer *http2.Framer) {
		framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true,
		})
	})
}

// refuse ends a call with INTERNAL, as grpc-go does when it cannot read a request.
func (c *rawConnection) refuse(stream uint32) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0)
	for _, field := range [][2]string{
		{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "13"}, {"grpc-message", "malformed request"},
	} {
		encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]})
	}
	c.locked(func(framer *http2.Framer) {
		framer.WriteHeaders(http2.HeadersFrameParam{
			StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true,
		})
	})
}

func (c *rawConnection) headers(stream uint32, pairs ...string) (int, error) {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	// Nothing may stay in the table, since every block has an encoder of its own.
	encoder.SetMaxDynamicTableSize(0)
	for index := 0; index+1 < len(pairs); index += 2 {
		encoder.WriteField(hpack.HeaderField{Name: pairs[index], Value: pairs[index+1]})
	}
	var err error
	c.locked(func(framer *http2.Framer) {
		err = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	})
	return block.Len(), err
}

// floodOutput serves well while it prints, from the first query on, BAD_PLUGIN_BYTES (default 64 MiB) to stdout and as much to stderr: lines, bytes
// that are no text, and what would move a terminal's cursor. Then it makes the file BAD_PLUGIN_FILE.
func floodOutput() {
	bytesLeft := 64 << 20
	if size, err := strconv.Atoi(os.Getenv("BAD_PLUGIN_BYTES")); err == nil {
		bytesLeft = size
	}
	var chunk bytes.Buffer
	for chunk.Len() < 1<<20 {
		chunk.WriteString("\x1b[2J\x1b]0;owned\x07 noise \xff\xfe\x00\u202e in \x1b[31mred\r")
		chunk.Write(bytes.Repeat([]byte{'z'}, 300))
		chunk.WriteByte('\n')
	}
	flood := func() {
		for ; bytesLeft > 0; bytesLeft -= chunk.Len() {
			os.Stdout.Write(chunk.Bytes())
			os.Stderr.Write(chunk.Bytes())
		}
		os.WriteFile(os.Getenv("BAD_PLUGIN_FILE"), nil, 0o600)
	}
	var once sync.Once
	s := newServer()
	s.query = func(ctx context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		once.Do(func() { go flood() })
		return answerEmpty(ctx, request)
	}
	s.serve()
}

// runaway leaves a process behind that holds stdout and stderr open and has left the plugin's process group, where the
// gateway cannot find it. Its pid is in the file BAD_PLUGIN_FILE.
func runaway() {
	child := exec.Command("sleep", "600")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	os.WriteFile(os.Getenv("BAD_PLUGIN_FILE"), []byte(strconv.Itoa(child.Process.Pid)), 0o600)
	newServer().serve()
}
