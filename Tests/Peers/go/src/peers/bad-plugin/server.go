package main

import (
	"context"
	"fmt"
	"net"
	"os"

	"github.com/golang/protobuf/ptypes/empty"
	"github.com/grafana/grafana-plugin-model/go/datasource"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// server is a plugin of the first version made by hand, so that every part of it can misbehave.
type server struct {
	network    string
	line       func(address string) string
	serving    grpc_health_v1.HealthCheckResponse_ServingStatus
	noServices bool
	shutdown   func()
	query      func(context.Context, *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error)
	connection func(net.Conn)
	options    []grpc.ServerOption
}

func newServer() *server {
	return &server{
		network:  "unix",
		line:     func(address string) string { return "1|1|unix|" + address + "|grpc|" },
		serving:  grpc_health_v1.HealthCheckResponse_SERVING,
		shutdown: func() { os.Exit(0) },
		query:    answerEmpty,
	}
}

func answerEmpty(_ context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
	response := &datasource.DatasourceResponse{}
	for _, query := range request.Queries {
		response.Results = append(response.Results, &datasource.QueryResult{RefId: query.RefId})
	}
	return response, nil
}

func (s *server) Query(ctx context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
	return s.query(ctx, request)
}

func (s *server) serve() {
	address := socketPath("serve")
	if s.network == "tcp" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen(s.network, address)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	plain := grpc.NewServer(s.options...)
	if !s.noServices {
		state := health.NewServer()
		state.SetServingStatus("plugin", s.serving)
		grpc_health_v1.RegisterHealthServer(plain, state)
		plain.RegisterService(&controllerService, s)
	}
	datasource.RegisterDatasourcePluginServer(plain, s)
	fmt.Println(s.line(listener.Addr().String()))
	plain.Serve(&watchedListener{listener, s.connection})
}

// watchedListener shows every accepted connection to a misbehaviour that needs it.
type watchedListener struct {
	net.Listener
	seen func(net.Conn)
}

func (l *watchedListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err == nil && l.seen != nil {
		l.seen(connection)
	}
	return connection, err
}

var controllerService = grpc.ServiceDesc{
	ServiceName: "plugin.GRPCController",
	HandlerType: (*interface{})(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Shutdown",
		Handler: func(
			implementation interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor,
		) (interface{}, error) {
			if err := decode(&empty.Empty{}); err != nil {
				return nil, err
			}
			implementation.(*server).shutdown()
			return &empty.Empty{}, nil
		},
	}},
}
