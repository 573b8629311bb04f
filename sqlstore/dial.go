package sqlstore

import (
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A server that falls silent, because its machine or the way to it is gone, ends no connection.
// The system would try for a quarter of an hour to reach it, and a caller without a deadline
// would wait for so long. So a connection of ours ends after silence, and an address that
// does not answer is left after connectTimeout, unless the url says when.
const (
	silence        = 30 * time.Second
	connectTimeout = 10 * time.Second
	probeEvery     = 5 * time.Second // while an answer is awaited
)

// dialing has a connection end when the server is silent.
func dialing(c *pgconn.Config) {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	dialer := net.Dialer{
		Timeout: c.ConnectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: probeEvery, Interval: probeEvery, Count: int(silence/probeEvery) - 1,
		},
		Control: endAfterSilence,
	}
	c.DialFunc = dialer.DialContext
}
