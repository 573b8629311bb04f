//go:build unix

package sqlstore

import (
	"crypto/tls"
	"net"
	"testing"
)

// A connection is quiet until something comes or it ends. What has come stays to be read.
func TestIsQuiet(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing depends on it
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // likewise
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	secure := tls.Client(conn, new(tls.Config))
	if !isQuiet(conn) || !isQuiet(secure) {
		t.Error("nothing has come")
	}
	if _, err := peer.Write([]byte("E")); err != nil {
		t.Fatal(err)
	}
	for isQuiet(conn) || isQuiet(secure) {
		continue // it is under way
	}
	var first [1]byte
	if _, err := conn.Read(first[:]); err != nil || first[0] != 'E' || !isQuiet(conn) {
		t.Errorf("read %q, %v; want what has come, and then nothing", first, err)
	}
	if err := peer.Close(); err != nil {
		t.Fatal(err)
	}
	for isQuiet(conn) {
		continue // likewise
	}
	if err := conn.Close(); err != nil || isQuiet(conn) {
		t.Errorf("%v; a connection that is closed is no use", err)
	}
	if one, _ := net.Pipe(); !isQuiet(one) {
		t.Error("nothing is known of a connection that is none of the system's")
	}
}
