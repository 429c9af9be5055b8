package main

import (
	"context"
	"encoding/base64"
	"io"
	"time"

	plugin "github.com/hashicorp/go-plugin"

	"github.com/golang/protobuf/proto"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// call performs one RPC and reports everything a host can see of it.
func (h *host) call(command *command) result {
	method, err := methodOf(command)
	if err != nil {
		return result{"ok": false, "message": err.Error()}
	}
	connection := h.currentConnection()
	if connection == nil {
		return result{"ok": false, "message": "not started"}
	}
	request, err := encodedRequest(command, method)
	if err != nil {
		return result{"ok": false, "message": "request: " + err.Error()}
	}
	ctx, cancel := callContext(command)
	defer cancel()
	began := time.Now()
	var header, trailer metadata.MD
	options := []grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer)}
	if command.Gzip {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}

	line := result{}
	if method.stream {
		var messages []result
		messages, err = receiveAll(ctx, cancel, connection, method, request, command, options)
		line["messages"] = messages
	} else {
		reply := &rawMessage{}
		err = connection.Invoke(ctx, method.path, request, reply, options...)
		if err == nil {
			line = describe(reply, command, method)
		}
	}
	line["ok"] = err == nil
	line["tookMs"] = milliseconds(began)
	line["header"] = readable(header)
	line["trailer"] = readable(trailer)
	if err != nil {
		addStatus(line, err)
	}
	return line
}

func (h *host) currentConnection() *grpc.ClientConn {
	h.lock.Lock()
	defer h.lock.Unlock()
	return h.connection
}

func callContext(command *command) (context.Context, context.CancelFunc) {
	ctx := metadata.NewOutgoingContext(context.Background(), command.Metadata.decoded())
	cancel := func() {}
	if command.TimeoutMs > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(command.TimeoutMs)*time.Millisecond)
	}
	ctx, cancelEarly := context.WithCancel(ctx)
	if command.CancelAfterMs > 0 {
		time.AfterFunc(time.Duration(command.CancelAfterMs)*time.Millisecond, cancelEarly)
	}
	return ctx, func() { cancelEarly(); cancel() }
}

// receiveAll reads a server stream to its end, or cancels it after maxMessages.
func receiveAll(
	ctx context.Context, cancel context.CancelFunc, connection *grpc.ClientConn, method method, request *rawMessage,
	command *command, options []grpc.CallOption,
) ([]result, error) {
	messages := []result{}
	description := &grpc.StreamDesc{ServerStreams: true}
	stream, err := connection.NewStream(ctx, description, method.path, options...)
	if err != nil {
		return messages, err
	}
	// io.EOF means that the stream is over already: RecvMsg tells why.
	if err := stream.SendMsg(request); err != nil && err != io.EOF {
		return messages, err
	}
	if err := stream.CloseSend(); err != nil {
		return messages, err
	}
	for {
		reply := &rawMessage{}
		if err := stream.RecvMsg(reply); err == io.EOF {
			return messages, nil
		} else if err != nil {
			return messages, err
		}
		messages = append(messages, describe(reply, command, method))
		if command.MaxMessages > 0 && len(messages) == command.MaxMessages {
			cancel()
		}
	}
}

func addStatus(line result, err error) {
	failure, _ := status.FromError(err)
	line["code"] = failure.Code().String()
	line["codeNumber"] = int(failure.Code())
	line["message"] = failure.Message()
	if len(failure.Proto().GetDetails()) > 0 {
		if encoded, err := proto.Marshal(failure.Proto()); err == nil {
			line["detailsBase64"] = base64.StdEncoding.EncodeToString(encoded)
		}
	}
}

// ping is go-plugin's own: the gRPC health of service "plugin".
func (h *host) ping(command *command) result {
	h.lock.Lock()
	protocol := h.protocol
	h.lock.Unlock()
	if protocol == nil {
		health := *command
		health.Op = "grpc-health"
		health.Request = []byte(`{"service":"` + plugin.GRPCServiceName + `"}`)
		return h.call(&health)
	}
	began := time.Now()
	limit := 10 * time.Second
	if command.TimeoutMs > 0 {
		limit = time.Duration(command.TimeoutMs) * time.Millisecond
	}
	answered := make(chan error, 1)
	go func() { answered <- protocol.Ping() }()
	select {
	case err := <-answered:
		line := result{"ok": err == nil, "tookMs": milliseconds(began)}
		if err != nil {
			addStatus(line, err)
		}
		return line
	case <-time.After(limit):
		return result{"ok": false, "message": "no answer to the ping", "tookMs": milliseconds(began)}
	}
}
