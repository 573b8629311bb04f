package sqlstore

import (
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// A room is memory of a connection for what is sent over it: the driver would begin each
// message with a kilobyte, and double that until all parameters of a group fit. It is the
// connection's own, so that nobody else writes there while the driver sends it.
type room struct {
	data []byte
	size int // that the next messages need
}

// maxRoom is up to how many bytes a connection keeps.
const maxRoom = 1 << 20

// roomOf has the driver make its next messages, of so many bytes, in the connection's room.
func roomOf(conn *pgconn.PgConn, size int) {
	if size > maxRoom {
		return
	}
	const key = "github.com/beckon-go/beckon/sqlstore.room"
	r, _ := conn.CustomData()[key].(*room)
	if r == nil {
		r = new(room)
		conn.CustomData()[key] = r
	}
	r.size = size
	conn.Frontend().Send(r)
}

// Frontend implements pgproto3.FrontendMessage.
func (*room) Frontend() {}

// Decode implements pgproto3.FrontendMessage.
func (*room) Decode([]byte) error { return nil }

// Encode implements pgproto3.FrontendMessage. It is no message: it moves what is there to
// where there is room for what follows.
func (r *room) Encode(dst []byte) ([]byte, error) {
	r.data = slices.Grow(r.data[:0], len(dst)+r.size)
	return append(r.data, dst...), nil
}
