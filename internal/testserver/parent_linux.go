package testserver

import "syscall"

// endWithParent has the kernel end a server whose test binary dies without
// cleaning up.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
