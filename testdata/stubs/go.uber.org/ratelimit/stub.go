// Package ratelimit is a stub: the functions of v0.3.1 that blocking.txt names, and the
// types in their signatures.
package ratelimit

import (
	"time"
)

type Limiter interface {
	Take() time.Time
}
