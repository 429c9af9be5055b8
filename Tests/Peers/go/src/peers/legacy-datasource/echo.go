package main

import (
	"context"
	"encoding/json"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/grafana/grafana-plugin-model/go/datasource"
	"google.golang.org/grpc/metadata"
)

// echo tells what arrived: the request, the metadata, and how the process was started. Environment values are told
// only for the names asked for.
func echo(
	ctx context.Context, request *datasource.DatasourceRequest, query *datasource.Query, model *model,
) *datasource.QueryResult {
	received := []struct {
		key   string
		value interface{}
	}{
		{"datasource", request.Datasource},
		{"timeRange", request.TimeRange},
		{"queries", request.Queries},
		{"metadata", incomingMetadata(ctx)},
		{"deadlineMs", remainingMilliseconds(ctx)},
		{"arguments", os.Args},
		{"workingDirectory", workingDirectory()},
		{"temporaryDirectory", os.TempDir()},
		{"environmentKeys", environmentKeys()},
		{"environmentValues", environmentValues(model.EnvironmentValues)},
		{"process", process()},
		{"descriptors", descriptors()},
	}
	result := &datasource.QueryResult{RefId: query.RefId}
	if model.As == "meta" {
		object := map[string]interface{}{}
		for _, item := range received {
			object[item.key] = item.value
		}
		result.MetaJson = jsonText(object)
		return result
	}
	table := &datasource.Table{Columns: []*datasource.TableColumn{{Name: "key"}, {Name: "value"}}}
	for _, item := range received {
		row := &datasource.TableRow{Values: []*datasource.RowValue{text(item.key), text(jsonText(item.value))}}
		table.Rows = append(table.Rows, row)
	}
	result.Tables = append(result.Tables, table)
	return result
}

func jsonText(value interface{}) string {
	bytes, err := json.Marshal(value)
	if err != nil {
		return "null"
	}
	return string(bytes)
}

func incomingMetadata(ctx context.Context) map[string][]string {
	values, _ := metadata.FromIncomingContext(ctx)
	return values
}

func remainingMilliseconds(ctx context.Context) *int64 {
	deadline, present := ctx.Deadline()
	if !present {
		return nil
	}
	remaining := time.Until(deadline).Milliseconds()
	return &remaining
}

func workingDirectory() string {
	directory, err := os.Getwd()
	if err != nil {
		return err.Error()
	}
	return directory
}

func environmentKeys() []string {
	keys := []string{}
	for _, entry := range os.Environ() {
		keys = append(keys, strings.SplitN(entry, "=", 2)[0])
	}
	sort.Strings(keys)
	return keys
}

func environmentValues(names []string) map[string]string {
	values := map[string]string{}
	for _, name := range names {
		if value, present := os.LookupEnv(name); present {
			values[name] = value
		}
	}
	return values
}

func process() map[string]int {
	const prGetParentDeathSignal = 2
	var deathSignal int32
	syscall.RawSyscall(syscall.SYS_PRCTL, prGetParentDeathSignal, uintptr(unsafe.Pointer(&deathSignal)), 0)
	return map[string]int{
		"pid":               os.Getpid(),
		"parentPid":         os.Getppid(),
		"processGroup":      syscall.Getpgrp(),
		"parentDeathSignal": int(deathSignal),
		"userId":            os.Getuid(),
		"groupId":           os.Getgid(),
	}
}

// descriptors lists the open files, so that a test can see what leaked in from the parent.
func descriptors() map[string]string {
	open := map[string]string{}
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range entries {
		if target, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			open[entry.Name()] = target
		}
	}
	return open
}
