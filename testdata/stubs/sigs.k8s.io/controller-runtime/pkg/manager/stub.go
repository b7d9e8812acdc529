// Package manager is a stub: the functions of v0.25.2 that blocking.txt names, and the
// types in their signatures.
package manager

import (
	"context"
)

type Manager interface {
	Start(ctx context.Context) error
}

type Runnable interface {
	Start(context.Context) error
}
