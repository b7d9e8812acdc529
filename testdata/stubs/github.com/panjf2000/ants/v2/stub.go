// Package ants is a stub: the functions of v2.12.1 that blocking.txt names, and the
// types in their signatures.
package ants

import (
	"time"
)

func Submit(task func()) error

type MultiPool struct{}

func (*MultiPool) Submit(task func()) (err error)

type Pool struct{}

func (*Pool) Submit(task func()) error

type poolCommon struct{}

func (*poolCommon) ReleaseTimeout(timeout time.Duration) error
