package main

import (
	"fmt"

	"peers/pluginv2"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/empty"
	"github.com/grafana/grafana-plugin-model/go/datasource"
	"google.golang.org/grpc/health/grpc_health_v1"
)

// method is how an op reaches the wire.
type method struct {
	path     string
	stream   bool
	request  func() proto.Message
	response func() proto.Message
}

var methods = map[string]method{
	"query": {"/pluginv2.Data/QueryData", false,
		func() proto.Message { return &pluginv2.QueryDataRequest{} },
		func() proto.Message { return &pluginv2.QueryDataResponse{} }},
	"chunked": {"/pluginv2.Data/QueryChunkedData", true,
		func() proto.Message { return &pluginv2.QueryChunkedDataRequest{} },
		func() proto.Message { return &pluginv2.QueryChunkedDataResponse{} }},
	"health": {"/pluginv2.Diagnostics/CheckHealth", false,
		func() proto.Message { return &pluginv2.CheckHealthRequest{} },
		func() proto.Message { return &pluginv2.CheckHealthResponse{} }},
	"metrics": {"/pluginv2.Diagnostics/CollectMetrics", false,
		func() proto.Message { return &pluginv2.CollectMetricsRequest{} },
		func() proto.Message { return &pluginv2.CollectMetricsResponse{} }},
	"resource": {"/pluginv2.Resource/CallResource", true,
		func() proto.Message { return &pluginv2.CallResourceRequest{} },
		func() proto.Message { return &pluginv2.CallResourceResponse{} }},
	"subscribe": {"/pluginv2.Stream/SubscribeStream", false,
		func() proto.Message { return &pluginv2.SubscribeStreamRequest{} },
		func() proto.Message { return &pluginv2.SubscribeStreamResponse{} }},
	"publish": {"/pluginv2.Stream/PublishStream", false,
		func() proto.Message { return &pluginv2.PublishStreamRequest{} },
		func() proto.Message { return &pluginv2.PublishStreamResponse{} }},
	"runstream": {"/pluginv2.Stream/RunStream", true,
		func() proto.Message { return &pluginv2.RunStreamRequest{} },
		func() proto.Message { return &pluginv2.StreamPacket{} }},
	"validate": {"/pluginv2.AdmissionControl/ValidateAdmission", false,
		func() proto.Message { return &pluginv2.AdmissionRequest{} },
		func() proto.Message { return &pluginv2.ValidationResponse{} }},
	"mutate": {"/pluginv2.AdmissionControl/MutateAdmission", false,
		func() proto.Message { return &pluginv2.AdmissionRequest{} },
		func() proto.Message { return &pluginv2.MutationResponse{} }},
	"convert": {"/pluginv2.ResourceConversion/ConvertObjects", false,
		func() proto.Message { return &pluginv2.ConversionRequest{} },
		func() proto.Message { return &pluginv2.ConversionResponse{} }},
	"legacy-query": {"/models.DatasourcePlugin/Query", false,
		func() proto.Message { return &datasource.DatasourceRequest{} },
		func() proto.Message { return &datasource.DatasourceResponse{} }},
	"grpc-health": {"/grpc.health.v1.Health/Check", false,
		func() proto.Message { return &grpc_health_v1.HealthCheckRequest{} },
		func() proto.Message { return &grpc_health_v1.HealthCheckResponse{} }},
	"shutdown": {"/plugin.GRPCController/Shutdown", false,
		func() proto.Message { return &empty.Empty{} },
		func() proto.Message { return &empty.Empty{} }},
}

// methodOf resolves an op. The op "call" takes any path, with requestBase64 and no decoding of what comes back.
func methodOf(command *command) (method, error) {
	if command.Op == "call" {
		return method{path: command.Method, stream: command.Stream}, nil
	}
	found, known := methods[command.Op]
	if !known {
		return method{}, fmt.Errorf("unknown op %q", command.Op)
	}
	return found, nil
}
