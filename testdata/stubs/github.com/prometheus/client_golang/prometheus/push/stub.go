// Package push is a stub: the functions of v1.25.0 that blocking.txt names, and the
// types in their signatures.
package push

import (
	"context"
)

type Pusher struct{}

func (*Pusher) Add() error
func (*Pusher) AddContext(ctx context.Context) error
func (*Pusher) Delete() error
func (*Pusher) Push() error
func (*Pusher) PushContext(ctx context.Context) error
