package main

import (
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// load repeats one unary call and reports errors and latencies. The op of the repeated call is `method`, else query.
func (h *host) load(command *command) result {
	once := *command
	once.Op = command.Method
	if once.Op == "" {
		once.Op = "query"
	}
	method, err := methodOf(&once)
	if err != nil || method.stream {
		return result{"ok": false, "message": "load needs a unary op"}
	}
	connection := h.currentConnection()
	if connection == nil {
		return result{"ok": false, "message": "not started"}
	}
	request, err := encodedRequest(&once, method)
	if err != nil {
		return result{"ok": false, "message": "request: " + err.Error()}
	}
	concurrency := command.Concurrency
	if concurrency < 1 {
		concurrency = 1
	}

	var issued, bytes int64
	var lock sync.Mutex
	var workers sync.WaitGroup
	var failures []result
	errors := 0
	latencies := make([]float64, 0, command.Count)
	began := time.Now()
	for worker := 0; worker < concurrency; worker++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for atomic.AddInt64(&issued, 1) <= int64(command.Count) {
				ctx, cancel := callContext(&once)
				start := time.Now()
				reply := &rawMessage{}
				err := connection.Invoke(ctx, method.path, request, reply)
				took := milliseconds(start)
				cancel()
				atomic.AddInt64(&bytes, int64(len(reply.bytes)))
				lock.Lock()
				latencies = append(latencies, took)
				if err != nil {
					errors++
					if len(failures) < 5 {
						failure := result{}
						addStatus(failure, err)
						failures = append(failures, failure)
					}
				}
				lock.Unlock()
			}
		}()
	}
	workers.Wait()
	sort.Float64s(latencies)
	return result{
		"ok": errors == 0, "count": len(latencies), "errors": errors, "failures": failures,
		"p50Ms": quantile(latencies, 0.50), "p99Ms": quantile(latencies, 0.99), "maxMs": quantile(latencies, 1),
		"tookMs": milliseconds(began), "responseBytes": bytes,
	}
}

func quantile(sorted []float64, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(part*float64(len(sorted)-1))]
}
