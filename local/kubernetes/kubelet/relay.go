package main

import (
	"io"
	"log"
	"net"
	"time"
)

// relay makes a port of the host's loopback one of the machine's: what connects to it is handed over to a UNIX socket, which
// reaches out of the machine's network namespace. At its other end is the host's side, in relay.ts.
func relay(port string) {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		log.Fatal(err)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Print(err)
			time.Sleep(period)
			continue
		}
		go handOver(client, "/run/relay-"+port)
	}
}

func handOver(client net.Conn, socket string) {
	defer client.Close()
	host, err := net.Dial("unix", socket)
	if err != nil {
		log.Print(err)
		return
	}
	defer host.Close()
	go func() {
		_, _ = io.Copy(host, client)
		_ = host.(*net.UnixConn).CloseWrite()
	}()
	_, _ = io.Copy(client, host)
}
