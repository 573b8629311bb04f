//go:build unix

package workload

import (
	"syscall"
	"time"
)

// ProcessorTime is what the process has had of the processors so far.
func ProcessorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
