package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
)

const stall = "stall " // before a text: etcd does not hang up, it says nothing any more

// between passes on what the API server and etcd say to each other, and loses an answer when it is told to.
type between struct {
	etcd   *embed.Etcd
	needle atomic.Pointer[[]byte]
	stalls atomic.Bool // the connection stays, and no answer comes any more
}

// obey takes commands until there are no more: whoever has started this holds the other end, and lets go of it however it dies.
func (b *between) obey(commands io.Reader) {
	for lines := bufio.NewScanner(commands); lines.Scan(); fmt.Println(lines.Text()) {
		text, stalls := strings.CutPrefix(lines.Text(), stall)
		needle := []byte(text)
		b.stalls.Store(stalls)
		b.needle.Store(&needle)
	}
}

// start listens, and returns where.
func (b *between) start() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go b.pass(client)
		}
	}()
	return listener.Addr().String(), nil
}

func (b *between) pass(client net.Conn) {
	defer client.Close()
	etcd, err := net.Dial("tcp", b.etcd.Clients[0].Addr().String())
	if err != nil {
		return
	}
	defer etcd.Close()
	var lost atomic.Bool
	go func() {
		defer client.Close()
		_, _ = io.Copy(writer(func(data []byte) (int, error) {
			if lost.Load() {
				return len(data), nil
			}
			return client.Write(data)
		}), etcd)
	}()
	var past []byte // The needle may come in two parts.
	_, _ = io.Copy(writer(func(data []byte) (int, error) {
		needle := b.needle.Load()
		if needle == nil {
			return etcd.Write(data)
		}
		past = append(past, data...)
		if !bytes.Contains(past, *needle) {
			past = past[max(0, len(past)-len(*needle)):]
			return etcd.Write(data)
		}
		b.needle.Store(nil)
		lost.Store(true)
		if _, err := etcd.Write(data); err != nil {
			return 0, err
		}
		for end := time.Now().Add(patience); !b.stored(*needle) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		if b.stalls.Load() {
			return len(data), nil
		}
		return 0, io.ErrClosedPipe
	}), client)
}

func (b *between) stored(needle []byte) bool {
	all := &etcdserverpb.RangeRequest{Key: []byte("/"), RangeEnd: []byte("0")}
	answer, err := b.etcd.Server.Range(context.Background(), all)
	if err != nil {
		return false
	}
	for _, pair := range answer.Kvs {
		if bytes.Contains(pair.Value, needle) {
			return true
		}
	}
	return false
}

type writer func([]byte) (int, error)

func (w writer) Write(data []byte) (int, error) { return w(data) }
