// bad-host connects to a plugin's socket and behaves badly in the way its mode says:
//
//	bad-host SOCKET MODE [REQUEST_BASE64 [METHOD]]
//
// It begins one call of METHOD (/pluginv2.Data/QueryData) with the request, then misbehaves, and prints one line of JSON
// that says how the other side took it. The modes are described in Tests/Peers/README.md.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"peers/rude"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// observation is what the host saw of the other side.
type observation struct {
	Mode string `json:"mode"`
	// Whether the other side closed the connection.
	Closed bool `json:"closed"`
	// The code and the text of a GOAWAY.
	GoAway string `json:"goAway"`
	Text   string `json:"text"`
	// Frames by type, and bytes of data.
	Frames map[string]int `json:"frames"`
	Data   int            `json:"data"`
	// Connections that were kept and refused.
	Kept    int `json:"kept"`
	Refused int `json:"refused"`
}

func main() {
	if len(os.Args) < 3 {
		usage("give a socket and a mode")
	}
	host := &badHost{socket: os.Args[1], mode: os.Args[2], method: "/pluginv2.Data/QueryData"}
	if len(os.Args) > 3 {
		decoded, err := base64.StdEncoding.DecodeString(os.Args[3])
		if err != nil {
			usage("the request: " + err.Error())
		}
		host.request = decoded
	}
	if len(os.Args) > 4 {
		host.method = os.Args[4]
	}
	host.seen = observation{Mode: host.mode, Frames: map[string]int{}}
	switch way, isRude := rude.Ways[host.mode]; {
	case isRude:
		host.beRude(way)
	case host.mode == "no-preface":
		host.beUnintelligible()
	case host.mode == "half-close":
		host.halfClose()
	case host.mode == "never-reads":
		host.neverRead()
	case host.mode == "many-connections":
		host.connectOften(200)
	case host.mode == "rapid-reset":
		host.resetRapidly()
	default:
		usage("unknown mode " + host.mode + "; modes: no-preface half-close never-reads many-connections rapid-reset " +
			strings.Join(rude.Names(), " "))
	}
	host.report()
}

func usage(message string) {
	fmt.Fprintln(os.Stderr, "bad-host: "+message)
	os.Exit(64)
}

type badHost struct {
	socket, mode, method string
	request              []byte
	seen                 observation
}

func (h *badHost) report() {
	line, _ := json.Marshal(h.seen)
	fmt.Println(string(line))
}

func (h *badHost) connect() (net.Conn, *http2.Framer) {
	connection, err := net.Dial("unix", h.socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-host:", err)
		os.Exit(1)
	}
	io.WriteString(connection, http2.ClientPreface)
	return connection, http2.NewFramer(connection, connection)
}

// call sends a whole request on a stream, in one frame after the other and without regard to flow control.
func (h *badHost) call(framer *http2.Framer, stream uint32) error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	encoder.SetMaxDynamicTableSize(0)
	for _, pair := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", h.method}, {":authority", "localhost"},
		{"content-type", "application/grpc"}, {"te", "trailers"},
	} {
		encoder.WriteField(hpack.HeaderField{Name: pair[0], Value: pair[1]})
	}
	err := framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true})
	message := make([]byte, 5, 5+len(h.request))
	binary.BigEndian.PutUint32(message[1:], uint32(len(h.request)))
	message = append(message, h.request...)
	for len(message) > 0 && err == nil {
		piece := message
		if len(piece) > 16_000 {
			piece = piece[:16_000]
		}
		message = message[len(piece):]
		err = framer.WriteData(stream, len(message) == 0, piece)
	}
	return err
}

// watch reads what the other side sends, until one of them ends the connection.
func (h *badHost) watch(framer *http2.Framer) {
	framer.SetMaxReadFrameSize(1<<24 - 1)
	for {
		next, err := framer.ReadFrame()
		if err != nil {
			h.seen.Closed = !errors.Is(err, net.ErrClosed)
			return
		}
		h.seen.Frames[next.Header().Type.String()]++
		switch next := next.(type) {
		case *http2.GoAwayFrame:
			h.seen.GoAway = next.ErrCode.String()
			h.seen.Text = string(next.DebugData())
		case *http2.DataFrame:
			h.seen.Data += len(next.Data())
		case *http2.SettingsFrame:
			if !next.IsAck() {
				framer.WriteSettingsAck()
			}
		}
	}
}

func (h *badHost) beRude(way rude.Way) {
	connection, framer := h.connect()
	framer.WriteSettings()
	if h.request != nil {
		h.call(framer, 1)
	}
	watched := make(chan struct{})
	go func() {
		h.watch(http2.NewFramer(io.Discard, connection))
		close(watched)
	}()
	// Stream 3 is new to the other side where the way begins one.
	stream := uint32(1)
	if h.request == nil {
		stream = 3
	}
	began := time.Now()
	way(connection, stream)
	// A flood that went on to its end was not stopped.
	if time.Since(began) < rude.Limit {
		waitFor(watched)
	}
	connection.Close()
	<-watched
}

func (h *badHost) beUnintelligible() {
	connection, err := net.Dial("unix", h.socket)
	if err != nil {
		usage(err.Error())
	}
	watched := make(chan struct{})
	go func() {
		h.watch(http2.NewFramer(io.Discard, connection))
		close(watched)
	}()
	io.WriteString(connection, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	waitFor(watched)
}

// halfClose ends its side of the connection while it waits for an answer: when stdin ends.
func (h *badHost) halfClose() {
	connection, framer := h.connect()
	framer.WriteSettings()
	h.call(framer, 1)
	io.Copy(io.Discard, os.Stdin)
	connection.(*net.UnixConn).CloseWrite()
	watched := make(chan struct{})
	go func() {
		h.watch(http2.NewFramer(io.Discard, connection))
		close(watched)
	}()
	waitFor(watched)
}

// neverRead allows any amount of data, makes eight calls, and reads nothing until stdin ends.
func (h *badHost) neverRead() {
	_, framer := h.connect()
	framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	framer.WriteWindowUpdate(0, 1<<31-1-65535)
	for stream := uint32(1); stream < 17; stream += 2 {
		h.call(framer, stream)
	}
	h.report()
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// connectOften opens many connections, says which were refused, and keeps them until stdin ends.
func (h *badHost) connectOften(count int) {
	for number := 0; number < count; number++ {
		connection, framer := h.connect()
		framer.WriteSettings()
		connection.SetReadDeadline(time.Now().Add(10 * time.Second))
		for {
			next, err := framer.ReadFrame()
			if err != nil {
				h.seen.Refused++
				break
			}
			if away, isAway := next.(*http2.GoAwayFrame); isAway {
				h.seen.Refused++
				h.seen.GoAway, h.seen.Text = away.ErrCode.String(), string(away.DebugData())
				break
			}
			if settings, isSettings := next.(*http2.SettingsFrame); isSettings && settings.IsAck() {
				h.seen.Kept++
				break
			}
		}
	}
	h.report()
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// resetRapidly begins calls and takes them back at once (CVE-2023-44487).
func (h *badHost) resetRapidly() {
	connection, framer := h.connect()
	framer.WriteSettings()
	watched := make(chan struct{})
	go func() {
		h.watch(http2.NewFramer(io.Discard, connection))
		close(watched)
	}()
	end := time.Now().Add(rude.Limit)
	for stream := uint32(1); stream < 1<<31-2 && time.Now().Before(end); stream += 2 {
		if h.call(framer, stream) != nil || framer.WriteRSTStream(stream, http2.ErrCodeCancel) != nil {
			break
		}
	}
	connection.Close()
	<-watched
}

// waitFor gives the other side time to close.
func waitFor(watched chan struct{}) {
	select {
	case <-watched:
	case <-time.After(3 * time.Second):
	}
}
