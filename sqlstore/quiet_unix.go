//go:build unix

package sqlstore

import (
	"net"
	"syscall"
)

// isQuiet reports whether nothing has come over a connection that nobody has asked for, such as
// its end. It waits for nothing, and reads nothing away.
func isQuiet(conn net.Conn) bool {
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	c, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	var came error
	err = raw.Control(func(fd uintptr) { // Read would wait where the driver still reads
		var first [1]byte
		_, _, came = syscall.Recvfrom(int(fd), first[:], syscall.MSG_PEEK)
	})
	return err == nil && (came == syscall.EAGAIN || came == syscall.EINTR)
}
