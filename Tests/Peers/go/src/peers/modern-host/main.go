// modern-host starts a backend plugin the way today's Grafana does and calls it as told: one JSON command per line of
// stdin, one JSON result per line of stdout. See Tests/Peers/README.md for commands and results.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// repeated collects a flag that may be given more than once.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, " ") }
func (r *repeated) Set(value string) error {
	*r = append(*r, value)
	return nil
}

func main() {
	options := hostOptions{}
	flag.Var((*repeated)(&options.environment), "env", "NAME=VALUE for the plugin; may be repeated")
	flag.StringVar(&options.logFile, "log-file", "", "write what the host logs there, as hclog JSON")
	startTimeout := flag.Int("start-timeout", 60_000, "milliseconds to wait for the handshake")
	flag.BoolVar(&options.automtls, "automtls", false, "ask for AutoMTLS, which Grafana does not")
	versions := flag.String("versions", "2", "app protocol versions to offer, separated by commas")
	flag.StringVar(&options.cookieValue, "cookie-value", "datasource", "value of the magic cookie")
	flag.BoolVar(&options.legacy, "legacy", false, "be a host of the first version: ProtocolVersion 1, models client")
	flag.StringVar(&options.directSocket, "direct", "", "dial this socket instead of starting a process")
	flag.Parse()
	options.startTimeout = time.Duration(*startTimeout) * time.Millisecond
	options.command = flag.Args()
	for _, text := range strings.Split(*versions, ",") {
		version, err := strconv.Atoi(text)
		if err != nil {
			usage("--versions: " + err.Error())
		}
		options.versions = append(options.versions, version)
	}
	if (options.directSocket == "") == (len(options.command) == 0) {
		usage("give either a plugin executable or --direct SOCKET")
	}

	// go-plugin hands the host's stdin to the plugin. Grafana's is /dev/null; this one carries the commands.
	commands := takeStdin()
	host := newHost(options)
	output := &lineWriter{out: bufio.NewWriterSize(os.Stdout, 1<<20)}
	output.write(nil, "start", host.start())
	serve(host, commands, output)
	host.kill()
}

func usage(message string) {
	fmt.Fprintln(os.Stderr, "modern-host: "+message)
	flag.Usage()
	os.Exit(64)
}

func takeStdin() io.Reader {
	descriptor, err := syscall.Dup(0)
	if err != nil {
		usage("stdin: " + err.Error())
	}
	syscall.CloseOnExec(descriptor)
	null, err := os.Open("/dev/null")
	if err != nil {
		usage(err.Error())
	}
	if err := syscall.Dup2(int(null.Fd()), 0); err != nil {
		usage(err.Error())
	}
	null.Close()
	return os.NewFile(uintptr(descriptor), "commands")
}

// serve runs commands until stdin ends. A command with "async": true runs beside the following ones.
func serve(host *host, commands io.Reader, output *lineWriter) {
	var running sync.WaitGroup
	defer running.Wait()
	reader := bufio.NewReaderSize(commands, 1<<20)
	for {
		line, err := reader.ReadBytes('\n')
		if text := strings.TrimSpace(string(line)); text != "" {
			command := &command{}
			if problem := json.Unmarshal([]byte(text), command); problem != nil {
				output.write(nil, "", result{"ok": false, "message": "bad command: " + problem.Error()})
			} else if command.Async {
				running.Add(1)
				go func() {
					defer running.Done()
					output.write(command.ID, command.Op, host.perform(command))
				}()
			} else {
				output.write(command.ID, command.Op, host.perform(command))
			}
		}
		if err != nil {
			return
		}
	}
}

// result is one line of output.
type result map[string]interface{}

type lineWriter struct {
	lock sync.Mutex
	out  *bufio.Writer
}

func (w *lineWriter) write(id json.RawMessage, op string, line result) {
	if id != nil {
		line["id"] = id
	}
	line["op"] = op
	bytes, err := json.Marshal(line)
	if err != nil {
		bytes = []byte(fmt.Sprintf(`{"op":%q,"ok":false,"message":%q}`, op, "result: "+err.Error()))
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	w.out.Write(bytes)
	w.out.WriteByte('\n')
	w.out.Flush()
}
