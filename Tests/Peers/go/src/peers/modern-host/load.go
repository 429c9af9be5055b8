package main

import (
	"encoding/json"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// load repeats one unary call and reports errors and latencies. The op of the repeated call is `method`, else query. With `requests`
// it goes through these in turn. Without a count it goes on until the op stopLoad.
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
	if command.Requests == nil {
		command.Requests = []json.RawMessage{once.Request}
	}
	requests := make([]*rawMessage, len(command.Requests))
	for index, text := range command.Requests {
		once.Request = text
		if requests[index], err = encodedRequest(&once, method); err != nil {
			return result{"ok": false, "message": "request: " + err.Error()}
		}
	}
	stop := h.loadStopper()
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
			for {
				number := atomic.AddInt64(&issued, 1)
				if command.Count > 0 && number > int64(command.Count) || command.Count == 0 && stopped(stop) {
					return
				}
				request := requests[(number-1)%int64(len(requests))]
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
						failure := result{"tookMs": took, "atMs": milliseconds(began)}
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

// loadStopper is closed by the next stopLoad.
func (h *host) loadStopper() <-chan struct{} {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.stopLoads == nil {
		h.stopLoads = make(chan struct{})
	}
	return h.stopLoads
}

// stopLoad makes every load without a count end after the calls in flight.
func (h *host) stopLoad() result {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.stopLoads != nil {
		close(h.stopLoads)
		h.stopLoads = nil
	}
	return result{"ok": true}
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}

func quantile(sorted []float64, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(part*float64(len(sorted)-1))]
}
