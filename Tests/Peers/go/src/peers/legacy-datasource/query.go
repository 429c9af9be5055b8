package main

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"time"

	"github.com/grafana/grafana-plugin-model/go/datasource"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type legacyDatasource struct{}

// Query answers every query of the request in order. A scenario that concerns the process or the whole call
// (goerror, crash, exit, sleep, raw, …) takes effect when its query is reached.
func (*legacyDatasource) Query(ctx context.Context, request *datasource.DatasourceRequest) (*datasource.DatasourceResponse, error) {
	response := &datasource.DatasourceResponse{}
	for _, query := range request.Queries {
		model, err := parseModel(query.ModelJson)
		if err != nil {
			response.Results = append(response.Results, failed(query.RefId, "modelJson: "+err.Error()))
			continue
		}
		results, err := answer(ctx, request, query, model, response)
		if err != nil {
			return nil, err
		}
		response.Results = append(response.Results, results...)
	}
	return response, nil
}

func answer(
	ctx context.Context, request *datasource.DatasourceRequest, query *datasource.Query, model *model,
	response *datasource.DatasourceResponse,
) ([]*datasource.QueryResult, error) {
	one := func(result *datasource.QueryResult) ([]*datasource.QueryResult, error) {
		return []*datasource.QueryResult{result}, nil
	}
	switch model.Scenario {
	case "", "series":
		return one(&datasource.QueryResult{RefId: query.RefId, Series: makeSeries(request, query, model)})
	case "points":
		return one(&datasource.QueryResult{RefId: query.RefId, Series: makePoints(model)})
	case "table":
		return one(&datasource.QueryResult{RefId: query.RefId, Tables: []*datasource.Table{makeTable(model)}})
	case "literal":
		return literalResults(query.RefId, model)
	case "echo":
		return one(echo(ctx, request, query, model))
	case "error":
		return one(failed(query.RefId, model.messageOr("the legacy data source could not answer")))
	case "goerror":
		return nil, goError(model)
	case "sleep":
		if err := sleep(ctx, query.RefId, model); err != nil {
			return nil, err
		}
		return one(&datasource.QueryResult{RefId: query.RefId, Series: makeSeries(request, query, model)})
	case "crash":
		time.Sleep(model.delay())
		panic(model.messageOr("legacy-datasource: asked to crash"))
	case "exit":
		time.Sleep(model.delay())
		os.Exit(model.Code)
	case "raw":
		bytes, err := base64.StdEncoding.DecodeString(model.Base64)
		if err != nil {
			return nil, err
		}
		// Unknown fields are appended as they are: a way to send any bytes at all, a broken message included.
		response.XXX_unrecognized = append(response.XXX_unrecognized, bytes...)
		return nil, nil
	case "nilresult":
		return one(nil)
	case "noisy":
		makeNoise(model)
		return one(&datasource.QueryResult{RefId: query.RefId, Series: makeSeries(request, query, model)})
	case "stdoutflood":
		floodGoStdout(model)
		return one(&datasource.QueryResult{RefId: query.RefId})
	case "realstdout":
		floodHostStdout(model)
		return one(&datasource.QueryResult{RefId: query.RefId})
	}
	return one(failed(query.RefId, "unknown scenario "+model.Scenario))
}

func failed(refID, message string) *datasource.QueryResult {
	return &datasource.QueryResult{RefId: refID, Error: message}
}

func goError(model *model) error {
	message := model.messageOr("the legacy data source returned a Go error")
	if model.Code != 0 {
		return status.Error(codes.Code(model.Code), message)
	}
	return errors.New(message)
}

// sleep waits and says on stderr when the host lost interest, so that a test can see a cancellation arrive.
func sleep(ctx context.Context, refID string, model *model) error {
	logger.Info("query sleeps", "refId", refID)
	if model.IgnoreCancel {
		time.Sleep(model.delay())
		return nil
	}
	select {
	case <-time.After(model.delay()):
		return nil
	case <-ctx.Done():
		logger.Info("query cancelled", "refId", refID, "reason", ctx.Err().Error())
		return ctx.Err()
	}
}
