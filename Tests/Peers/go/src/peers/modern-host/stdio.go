package main

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

// stdioReader opens plugin.GRPCStdio/StreamStdio and drains it. Debian's go-plugin is older than that service, but
// Grafana's opens it on every plugin it starts, so the answer of a peer matters.
type stdioReader struct {
	lock     sync.Mutex
	ended    bool
	code     string
	message  string
	messages int
	bytes    int
}

func readStdio(connection *grpc.ClientConn) *stdioReader {
	reader := &stdioReader{}
	go func() {
		err := reader.drain(connection)
		reader.lock.Lock()
		defer reader.lock.Unlock()
		reader.ended = true
		reader.code = status.Code(err).String()
		if err != nil {
			failure, _ := status.FromError(err)
			reader.message = failure.Message()
		}
	}()
	return reader
}

func (r *stdioReader) drain(connection *grpc.ClientConn) error {
	description := &grpc.StreamDesc{ServerStreams: true}
	stream, err := connection.NewStream(context.Background(), description, "/plugin.GRPCStdio/StreamStdio")
	if err != nil {
		return err
	}
	if err := stream.SendMsg(&rawMessage{}); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		data := &rawMessage{}
		if err := stream.RecvMsg(data); err != nil {
			return err
		}
		r.lock.Lock()
		r.messages++
		r.bytes += len(data.bytes)
		r.lock.Unlock()
	}
}

func (h *host) stdioState() result {
	h.lock.Lock()
	reader := h.stdio
	h.lock.Unlock()
	if reader == nil {
		return result{"ok": false, "message": "not opened"}
	}
	reader.lock.Lock()
	defer reader.lock.Unlock()
	return result{
		"ok": true, "ended": reader.ended, "code": reader.code, "message": reader.message,
		"messages": reader.messages, "bytes": reader.bytes,
	}
}
