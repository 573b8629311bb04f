package mailbox

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
)

// A client that leaves while the mailbox is closed is no failure.
func TestCloseAsClientsLeave(t *testing.T) {
	for range 100 {
		b, err := Open()
		if err != nil {
			t.Fatal(err)
		}
		var clients sync.WaitGroup
		for range 20 {
			c, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(b.Port())))
			if err != nil {
				t.Fatal(err)
			}
			clients.Go(func() {
				_, _ = io.WriteString(c, "QUIT\r\n")
				_, _ = io.Copy(io.Discard, c)
				_ = c.Close()
			})
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		clients.Wait()
	}
}
