// Package fiber is a stub: the functions of v2.52.15 that blocking.txt names, and the
// types in their signatures.
package fiber

import (
	"context"
	"net"
	"time"
)

type App struct{}

func (*App) Listen(addr string) error
func (*App) Listener(ln net.Listener) error
func (*App) Shutdown() error
func (*App) ShutdownWithContext(ctx context.Context) error
func (*App) ShutdownWithTimeout(timeout time.Duration) error
