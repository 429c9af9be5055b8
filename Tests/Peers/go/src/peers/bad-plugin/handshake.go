package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// flood writes to stdout without a line end, 64 KiB every 5 ms, at most 256 MiB.
func flood() {
	chunk := []byte(strings.Repeat("f", 64<<10))
	for written := 0; written < 256<<20; written += len(chunk) {
		if _, err := os.Stdout.Write(chunk); err != nil {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	hang()
}

// floodLines writes lines that are no handshake, one per millisecond.
func floodLines() {
	for line := 0; line < 1_000_000; line++ {
		if _, err := fmt.Printf("starting up, step %d\n", line); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// hugeLine is a well-formed handshake but for its length: 10 MiB of address.
func hugeLine() {
	fmt.Println("1|1|unix|/" + strings.Repeat("h", 10<<20) + "|grpc|")
	hang()
}

// exitZero is what go-plugin does when it cannot create its socket.
func exitZero() {
	stamp := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	fmt.Fprintf(os.Stderr,
		`{"@level":"error","@message":"plugin init error","@timestamp":"%s","error":"mkdir /nowhere: permission denied"}`+"\n", stamp)
	os.Exit(0)
}

// staleSocket names a socket file that nobody listens on, as a crashed plugin leaves it behind.
func staleSocket() {
	path := socketPath("stale")
	descriptor, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		err = syscall.Bind(descriptor, &syscall.SockaddrUnix{Name: path})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	syscall.Close(descriptor)
	fmt.Println("1|1|unix|" + path + "|grpc|")
	hang()
}

// certificate answers as a plugin does that was asked for AutoMTLS.
func certificate() {
	fmt.Println("1|1|unix|" + socketPath("certificate") + "|grpc|" + strings.Repeat("MIIB", 200))
	hang()
}

// deaf listens but never accepts: connecting works, nothing ever answers.
func deaf() {
	path := socketPath("deaf")
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	fmt.Println("1|1|unix|" + path + "|grpc|")
	hang()
	listener.Close()
}

// notHTTP2 answers every connection in another protocol.
func notHTTP2() {
	path := socketPath("http1")
	listener, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bad-plugin:", err)
		os.Exit(1)
	}
	fmt.Println("1|1|unix|" + path + "|grpc|")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		fmt.Fprint(connection, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		connection.Close()
	}
}
