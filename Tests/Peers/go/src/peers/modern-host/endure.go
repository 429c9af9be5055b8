package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// tokenPlace is what a request holds in the place of a word that is different in every call. The answer must hold that
// word too, or it belongs to another call.
const tokenPlace = "token-0000000000"

// kind is one kind of call of an endurance run, made again and again by workers of its own.
type kind struct {
	Name    string `json:"name"`
	Workers int    `json:"workers"`
	// Each message of a stream must hold this text, followed by the number of messages before it.
	Sequence string `json:"sequence"`
	command

	method  method
	encoded []byte
	hasWord bool
}

// tally is what became of the calls of one kind.
type tally struct {
	Begun     int `json:"begun"`
	Answered  int `json:"answered"`
	Succeeded int `json:"succeeded"`
	// Answers that belong to another call, or messages out of order.
	Wrong    int               `json:"wrong"`
	Codes    map[string]int    `json:"codes"`
	Examples map[string]string `json:"examples"`
	// The longest wait for an answer, in milliseconds.
	Slowest float64 `json:"slowest"`
}

// endurance keeps calling until it is told to stop, whatever happens to the plugin meanwhile.
type endurance struct {
	host    *host
	stop    chan struct{}
	workers sync.WaitGroup

	lock    sync.Mutex
	tallies map[string]*tally
}

func (h *host) endure(mix json.RawMessage) result {
	var kinds []*kind
	if err := json.Unmarshal(mix, &kinds); err != nil {
		return result{"ok": false, "message": "mix: " + err.Error()}
	}
	run := &endurance{host: h, stop: make(chan struct{}), tallies: map[string]*tally{}}
	for _, kind := range kinds {
		method, err := methodOf(&kind.command)
		if err != nil {
			return result{"ok": false, "message": err.Error()}
		}
		encoded, err := encodedRequest(&kind.command, method)
		if err != nil {
			return result{"ok": false, "message": "request: " + err.Error()}
		}
		kind.method, kind.encoded = method, encoded.bytes
		kind.hasWord = bytes.Contains(encoded.bytes, []byte(tokenPlace))
		run.tallies[kind.Name] = &tally{Codes: map[string]int{}, Examples: map[string]string{}}
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.endurance != nil {
		return result{"ok": false, "message": "an endurance run is in progress"}
	}
	h.endurance = run
	for _, kind := range kinds {
		for worker := 0; worker < kind.Workers; worker++ {
			run.workers.Add(1)
			go run.work(kind, worker)
		}
	}
	return result{"ok": true}
}

// endureState tells the counts so far.
func (h *host) endureState() result {
	h.lock.Lock()
	run := h.endurance
	h.lock.Unlock()
	if run == nil {
		return result{"ok": false, "message": "no endurance run"}
	}
	return run.describe()
}

// endureStop begins no more calls, and waits for the answers to those that are open.
func (h *host) endureStop(limit time.Duration) result {
	h.lock.Lock()
	run := h.endurance
	h.endurance = nil
	h.lock.Unlock()
	if run == nil {
		return result{"ok": false, "message": "no endurance run"}
	}
	close(run.stop)
	ended := make(chan struct{})
	go func() {
		run.workers.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return run.describe()
	case <-time.After(limit):
		line := run.describe()
		line["ok"], line["message"] = false, "calls are still open"
		return line
	}
}

func (e *endurance) describe() result {
	e.lock.Lock()
	defer e.lock.Unlock()
	// The line is written after the lock is gone.
	text, err := json.Marshal(e.tallies)
	if err != nil {
		return result{"ok": false, "message": err.Error()}
	}
	return result{"ok": true, "kinds": json.RawMessage(text)}
}

func (e *endurance) work(kind *kind, worker int) {
	defer e.workers.Done()
	counts := e.tallies[kind.Name]
	for number := 0; ; number++ {
		select {
		case <-e.stop:
			return
		default:
		}
		connection := e.host.currentConnection()
		if connection == nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		word := fmt.Sprintf("token-%03d-%06d", worker%1000, number%1_000_000)
		request := &rawMessage{kind.encoded}
		if kind.hasWord {
			request.bytes = bytes.ReplaceAll(kind.encoded, []byte(tokenPlace), []byte(word))
		}
		e.lock.Lock()
		counts.Begun++
		e.lock.Unlock()
		began := time.Now()
		complaint, err := kind.perform(connection, request, word)
		e.lock.Lock()
		counts.record(milliseconds(began), complaint, err)
		e.lock.Unlock()
		if err != nil {
			// Without a connection calls fail at once.
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (t *tally) record(took float64, complaint string, err error) {
	t.Answered++
	if took > t.Slowest {
		t.Slowest = took
	}
	code := status.Code(err).String()
	t.Codes[code]++
	switch {
	case complaint != "":
		t.Wrong++
		t.Examples["wrong"] = complaint
	case err == nil:
		t.Succeeded++
	default:
		failure, _ := status.FromError(err)
		if text := code + ": " + failure.Message(); len(t.Examples) < 20 {
			t.Examples[text] = fmt.Sprintf("%.0f ms", took)
		}
	}
}

// perform makes one call. The complaint says what is wrong with an answer that looks like a good one.
func (k *kind) perform(connection *grpc.ClientConn, request *rawMessage, word string) (string, error) {
	ctx, cancel := callContext(&k.command)
	defer cancel()
	if !k.method.stream {
		reply := &rawMessage{}
		if err := connection.Invoke(ctx, k.method.path, request, reply); err != nil {
			return "", k.forgive(err, 0)
		}
		if k.hasWord && !bytes.Contains(reply.bytes, []byte(word)) {
			text := strings.ToValidUTF8(string(reply.bytes), "?")
			if len(text) > 600 {
				text = text[:600]
			}
			return "an answer without " + word + ": " + text, nil
		}
		return "", nil
	}
	received := 0
	complaint, err := k.receive(ctx, cancel, connection, request, &received)
	return complaint, k.forgive(err, received)
}

func (k *kind) receive(
	ctx context.Context, cancel context.CancelFunc, connection *grpc.ClientConn, request *rawMessage, received *int,
) (string, error) {
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, k.method.path)
	if err != nil {
		return "", err
	}
	if err := stream.SendMsg(request); err != nil && err != io.EOF {
		return "", err
	}
	if err := stream.CloseSend(); err != nil {
		return "", err
	}
	for {
		message := &rawMessage{}
		if err := stream.RecvMsg(message); err == io.EOF {
			return "", nil
		} else if err != nil {
			return "", err
		}
		if k.Sequence != "" && !bytes.Contains(message.bytes, []byte(fmt.Sprintf("%s%d", k.Sequence, *received))) {
			return fmt.Sprintf("message %d of a stream is another one", *received), nil
		}
		*received++
		if k.MaxMessages > 0 && *received == k.MaxMessages {
			cancel()
		}
	}
}

// forgive takes the end for a good one when the host itself wanted it.
func (k *kind) forgive(err error, received int) error {
	wanted := k.CancelAfterMs > 0 || k.MaxMessages > 0 && received >= k.MaxMessages
	if wanted && status.Code(err) == codes.Canceled {
		return nil
	}
	return err
}
