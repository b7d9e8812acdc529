// Package serial is a stub: the functions of v1.8.0 that blocking.txt names, and the
// types in their signatures.
package serial

import (
	"time"
)

func GetPortsList() ([]string, error)
func Open(portName string, mode *Mode) (Port, error)

type Mode struct{}

type Port interface {
	Break(time.Duration) error
	Drain() error
	Read(p []byte) (n int, err error)
	Write(p []byte) (n int, err error)
}
