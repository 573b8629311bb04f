//go:build !unix

package testserver

import "syscall"

func attributes() *syscall.SysProcAttr { return nil }

func giveAway(string) error { return nil }
