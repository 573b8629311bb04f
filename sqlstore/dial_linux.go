package sqlstore

import (
	"strings"
	"syscall"
)

// tcpUserTimeout is TCP_USER_TIMEOUT of tcp(7): for how many milliseconds what was sent may be
// unacknowledged.
const tcpUserTimeout = 0x12

// endAfterSilence has what is sent count as lost after silence. Probes are sent only while
// nothing is under way.
func endAfterSilence(network, _ string, conn syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failed error
	if err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(silence.Milliseconds()))
	}); err != nil {
		return err
	}
	return failed
}
