// Package wsjson is a stub: the functions of v1.8.15 that blocking.txt names, and the
// types in their signatures.
package wsjson

import (
	"context"

	"github.com/coder/websocket"
)

func Read(ctx context.Context, c *websocket.Conn, v any) error
func Write(ctx context.Context, c *websocket.Conn, v any) error
