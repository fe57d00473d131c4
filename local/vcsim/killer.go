package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// killPeer kills the process at the other end of a request's connection, as a Lambda dies between a call and its record. It
// kills nothing but a Node process: a function's worker.
func killPeer(r *http.Request) error {
	own, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if own == nil {
		return errors.New("the request has no address")
	}
	inode, err := socketInode(r.RemoteAddr, own.String())
	if err != nil {
		return err
	}
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if err != nil || target != "socket:["+inode+"]" {
			continue
		}
		directory := filepath.Dir(filepath.Dir(descriptor))
		program, _ := os.Readlink(filepath.Join(directory, "exe"))
		pid, err := strconv.Atoi(filepath.Base(directory))
		if err != nil || filepath.Base(program) != "node" {
			continue
		}
		return syscall.Kill(pid, syscall.SIGKILL)
	}
	return errors.New("no Node process has the socket " + r.RemoteAddr)
}

// socketInode finds a connected TCP socket (proc(5), /proc/net/tcp) by both its ends: a process may use one port towards
// several servers.
func socketInode(local, remote string) (string, error) {
	from, err := tableAddress(local)
	if err != nil {
		return "", err
	}
	to, err := tableAddress(remote)
	if err != nil {
		return "", err
	}
	// Node opens IPv6 sockets for IPv4 where the host resolves to both.
	const mapped = "0000000000000000FFFF0000"
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, _ := os.ReadFile(table)
		for _, line := range strings.Split(string(text), "\n") {
			fields := strings.Fields(line)
			if len(fields) > 9 && fields[9] != "0" &&
				strings.TrimPrefix(fields[1], mapped) == from && strings.TrimPrefix(fields[2], mapped) == to {
				return fields[9], nil
			}
		}
	}
	return "", fmt.Errorf("no socket connects %s to %s", local, remote)
}

// tableAddress is an IPv4 address and a port as /proc/net/tcp has them.
func tableAddress(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	number, err := strconv.Atoi(port)
	ip := net.ParseIP(host).To4()
	if err != nil || ip == nil {
		return "", fmt.Errorf("%s is no IPv4 address", address)
	}
	return fmt.Sprintf("%08X:%04X", binary.LittleEndian.Uint32(ip), number), nil
}
