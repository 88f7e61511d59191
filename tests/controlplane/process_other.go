//go:build !linux

package main

import "syscall"

// endWithParent keeps a process out of the way of a terminal's Ctrl-C, so that all ends in
// order. Only Linux can also end it when this process is killed.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
