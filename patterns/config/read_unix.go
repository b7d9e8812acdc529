//go:build unix

package config

import "syscall"

// noWait opens a named pipe without waiting for who writes to it.
const noWait = syscall.O_NONBLOCK
