package sqlstore

import (
	"syscall"
	"testing"

	"github.com/beckon-go/beckon/internal/testserver"
)

// The connections of a Store end after silence, whether something was sent or an answer is
// awaited.
func TestConnectionsEndAfterSilence(t *testing.T) {
	s, err := OpenPostgres(t.Context(), testserver.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	conn, err := s.db.(*postgres).pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	raw, err := conn.Conn().PgConn().Conn().(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	get := func(level, option int) (n int) {
		var failed error
		if err := raw.Control(func(fd uintptr) { n, failed = syscall.GetsockoptInt(int(fd), level, option) }); err != nil || failed != nil {
			t.Error(err, failed)
		}
		return n
	}
	if n := get(syscall.IPPROTO_TCP, tcpUserTimeout); n != 30_000 {
		t.Errorf("what was sent may be unacknowledged for %d ms", n)
	}
	if get(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE) == 0 {
		t.Error("nothing probes whether the server is there")
	}
	if idle, each, count := get(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE), get(syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL), get(syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT); idle+each*count != 30 {
		t.Errorf("after %d s there are %d probes, one each %d s", idle, count, each)
	}
}
