//go:build unix && !linux

package testserver

import "syscall"

// endWithParent has no counterpart here: a test binary that dies leaves its
// server behind.
func endWithParent(*syscall.SysProcAttr) {}
