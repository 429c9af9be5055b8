package main

import (
	"fmt"
	"strings"
)

// makeNoise writes to the stderr that the host reads everything such plugins are known to write there.
func makeNoise(model *model) {
	for round := 0; round < orDefault(model.Lines, 1); round++ {
		logger.Trace("noise at trace", "round", round)
		logger.Debug("noise at debug", "number", 7, "nested", map[string]interface{}{"a": []int{1, 2}})
		logger.Info("noise at info", "empty", "", "quote", "\"\\\n")
		logger.Warn("noise at warn", "round", round)
		logger.Error("noise at error", "error", fmt.Errorf("a made-up failure"))
		for _, line := range []string{
			"[WARN] noise with a level in brackets",
			"2020-01-02T03:04:05.678Z [ERROR] legacy-datasource: noise in text form: key=value",
			"noise without any form",
			`{"message":"noise in somebody else's JSON","level":30}`,
			`{"@level":"info","@message":"noise with a short timestamp","@timestamp":"2020-01-02T03:04:05Z"}`,
			`{"@level":"shout","@message":"noise at an unknown level","@timestamp":"2020-01-02T03:04:05.000000Z"}`,
			`[1,2,3]`,
			`{"@level":"info","@message":"noise cut o`,
			"noise in colour \x1b[31mred\x1b[0m",
			"noise that is not UTF-8 \xff\xfe and has a NUL \x00 inside",
			"",
			"panic: noise that looks like a Go panic",
			"goroutine 1 [running]:",
		} {
			fmt.Fprintln(hostStderr, line)
		}
		fmt.Fprintln(hostStderr, "noise in a long line "+strings.Repeat("x", orDefault(model.Bytes, 200_000)))
		if model.HostKilling {
			// Each of these makes go-plugin's log reader panic: the host must never see them.
			fmt.Fprintln(hostStderr, `{"@level":"info","@message":42,"@timestamp":"2020-01-02T03:04:05.000000Z"}`)
			fmt.Fprintln(hostStderr, `{"@level":7,"@message":"noise with a number as level"}`)
			fmt.Fprintln(hostStderr, `{"@level":"info","@message":"noise with a number as timestamp","@timestamp":1577934245}`)
		}
	}
	logger.Info("noise ends")
}

// floodGoStdout prints the way a careless handler does. Nobody reads the pipe that go-plugin put in the place of
// os.Stdout, so that this blocks for ever once the pipe is full.
func floodGoStdout(model *model) {
	line := strings.Repeat("o", 1023)
	for written := 0; written < orDefault(model.Bytes, 1<<20); written += len(line) + 1 {
		fmt.Println(line)
	}
}

// floodHostStdout prints to the stdout that the handshake went through, as a C library inside a plugin would.
func floodHostStdout(model *model) {
	line := strings.Repeat("h", 1023)
	for written := 0; written < orDefault(model.Bytes, 1<<20); written += len(line) + 1 {
		fmt.Fprintln(hostStdout, line)
	}
}
