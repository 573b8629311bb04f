//go:build unix

package testserver

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// nobody is the user whose rights a server gets that must not run as root, if
// there is none of its own.
const nobody = 65534

// servant returns the user to run servers as: 0 for our own.
func servant() (uid, gid int) {
	if os.Getuid() != 0 {
		return 0, 0
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nobody, nobody
	}
	uid, errUID := strconv.Atoi(u.Uid)
	gid, errGID := strconv.Atoi(u.Gid)
	if errUID != nil || errGID != nil {
		return nobody, nobody
	}
	return uid, gid
}

// attributes makes a process run as the servant, and die with this one.
func attributes() *syscall.SysProcAttr {
	attr := new(syscall.SysProcAttr)
	if uid, gid := servant(); uid != 0 {
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	endWithParent(attr)
	return attr
}

// giveAway makes a file or folder the servant's.
func giveAway(path string) error {
	uid, gid := servant()
	if uid == 0 {
		return nil
	}
	return os.Chown(path, uid, gid)
}
