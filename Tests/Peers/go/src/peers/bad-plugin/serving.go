package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/grafana/grafana-plugin-model/go/datasource"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// serveTCP prints five fields and a TCP port, as Node renderers do, and is otherwise well-behaved.
func serveTCP() {
	s := newServer()
	s.network = "tcp"
	s.line = func(address string) string { return "1|1|tcp|" + address + "|grpc" }
	s.serve()
}

// serveFieldSixShort puts 48 characters that are no certificate into field 6, as builds of 2018 do; well-behaved.
func serveFieldSixShort() {
	s := newServer()
	s.line = func(address string) string {
		return "1|1|unix|" + address + "|grpc|eyJzdGRvdXRfYWRkciI6IiIsInN0ZGVycl9hZGRyIjoiIn0K"
	}
	s.serve()
}

func slow() {
	time.Sleep(delay(2 * time.Second))
	newServer().serve()
}

func serveWithoutServices() {
	s := newServer()
	s.noServices = true
	s.serve()
}

func serveNotServing() {
	s := newServer()
	s.serving = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	s.serve()
}

// serveIgnoringStop can only be ended by SIGKILL.
func serveIgnoringStop() {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	s := newServer()
	s.shutdown = func() {}
	s.serve()
}

// exitAfter serves well and then ends without being asked, with a message and exit code 5.
func exitAfter() {
	time.AfterFunc(delay(200*time.Millisecond), func() {
		fmt.Fprintln(os.Stderr, "bad-plugin: giving up, as told")
		os.Exit(5)
	})
	newServer().serve()
}

// grandchild leaves a process behind that holds the plugin's stdout and stderr open; its pid is printed on stderr.
func grandchild() {
	child := exec.Command("sleep", "600")
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, "bad-plugin: grandchild", child.Process.Pid)
	newServer().serve()
}

// floodAfter writes to the real stdout while it serves: a gateway that stops reading blocks its queries.
func floodAfter() {
	s := newServer()
	line := strings.Repeat("a", 1023) + "\n"
	s.query = func(ctx context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		for written := 0; written < 1<<20; written += len(line) {
			fmt.Print(line)
		}
		return answerEmpty(ctx, request)
	}
	s.serve()
}

// serveCompressed is well-behaved and compresses every answer with gzip: 1000 points for each query.
func serveCompressed() {
	s := newServer()
	s.options = []grpc.ServerOption{grpc.RPCCompressor(grpc.NewGZIPCompressor())}
	s.query = func(_ context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		response := &datasource.DatasourceResponse{}
		for _, query := range request.Queries {
			series := &datasource.TimeSeries{Name: "compressed"}
			for row := int64(0); row < 1000; row++ {
				series.Points = append(series.Points, &datasource.Point{Timestamp: row, Value: float64(row)})
			}
			result := &datasource.QueryResult{RefId: query.RefId, Series: []*datasource.TimeSeries{series}}
			response.Results = append(response.Results, result)
		}
		return response, nil
	}
	s.serve()
}

// serveTruncated answers with a message that ends in the middle of a result.
func serveTruncated() {
	s := newServer()
	s.query = func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		// Field 1, length-delimited, 100 bytes announced, three given.
		return &datasource.DatasourceResponse{XXX_unrecognized: []byte{0x0a, 100, 0x12, 0x01, 'A'}}, nil
	}
	s.serve()
}

func serveCrashing() {
	s := newServer()
	s.query = func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		panic("bad-plugin: crashing in mid-call")
	}
	s.serve()
}

func serveKillingItself() {
	s := newServer()
	s.query = func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	s.serve()
}

func serveHanging() {
	s := newServer()
	s.query = func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		hang()
		return nil, nil
	}
	s.serve()
}

// serveClosingConnection drops the connection in mid-call and lives on.
func serveClosingConnection() {
	s := newServer()
	accepted := make(chan net.Conn, 16)
	s.connection = func(connection net.Conn) { accepted <- connection }
	s.query = func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
		for {
			select {
			case connection := <-accepted:
				connection.Close()
			default:
				return &datasource.DatasourceResponse{}, nil
			}
		}
	}
	s.serve()
}
