package main

import "syscall"

// endWithParent has the kernel kill a process when the one that started it is gone, and keeps
// it out of the way of a terminal's Ctrl-C, so that all ends in order.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
