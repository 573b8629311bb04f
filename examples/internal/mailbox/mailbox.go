// Package mailbox is an SMTP server that keeps what it is sent, for examples.
package mailbox

import (
	"bufio"
	"errors"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"sync/atomic"
)

// A Mailbox is an SMTP server that keeps what it is sent. It stands in for the provider.
type Mailbox struct {
	listener net.Listener
	Down     atomic.Bool           // it takes nothing for now
	Mails    chan *netmail.Message // what was taken
	Refused  chan string           // whose mail was not
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// Open opens a mailbox at a free port of this machine.
func Open() (*Mailbox, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &Mailbox{listener: l, Mails: make(chan *netmail.Message, 100), Refused: make(chan string, 100), conns: map[net.Conn]bool{}}
	b.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.conns[c] = true
			b.mu.Unlock()
			b.wg.Go(func() {
				b.talk(c)
				_ = c.Close()
				b.mu.Lock()
				delete(b.conns, c)
				b.mu.Unlock()
			})
		}
	})
	return b, nil
}

// Port returns where it listens.
func (b *Mailbox) Port() int { return b.listener.Addr().(*net.TCPAddr).Port } //nolint:errcheck // it listens by TCP

// Close closes it, and the connections that it has.
func (b *Mailbox) Close() error {
	err := b.listener.Close()
	b.mu.Lock()
	for c := range b.conns {
		if failed := c.Close(); !errors.Is(failed, net.ErrClosed) { // else its client has just left
			err = errors.Join(err, failed)
		}
	}
	b.mu.Unlock()
	b.wg.Wait()
	return err
}

// talk speaks as much SMTP as it takes to be sent mail.
func (b *Mailbox) talk(c net.Conn) {
	in := bufio.NewReader(c)
	say := func(line string) bool {
		_, err := io.WriteString(c, line+"\r\n")
		return err == nil
	}
	for ok := say("220 mailbox"); ok; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		command, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		switch {
		case command == "QUIT":
			say("221 bye")
			return
		case command == "EHLO":
			ok = say("250-mailbox\r\n250 8BITMIME")
		case command == "RCPT" && b.Down.Load():
			b.Refused <- strings.Trim(strings.TrimPrefix(rest, "TO:"), "<>")
			ok = say("451 not now")
		case command == "DATA":
			if !say("354 go on") {
				return
			}
			m, err := netmail.ReadMessage(textproto.NewReader(in).DotReader())
			if err != nil {
				return
			}
			text, err := io.ReadAll(m.Body)
			if err != nil {
				return
			}
			m.Body = strings.NewReader(string(text))
			if ok = say("250 taken"); ok {
				b.Mails <- m
			}
		default:
			ok = say("250 ok")
		}
	}
}
