// Package sentry is a stub: the functions of v0.50.0 that blocking.txt names, and the
// types in their signatures.
package sentry

import (
	"context"
	"time"
)

func CaptureEvent(event *Event) *EventID
func CaptureException(exception error) *EventID
func CaptureMessage(message string) *EventID
func Flush(timeout time.Duration) bool
func FlushWithContext(ctx context.Context) bool

type Client struct{}

func (*Client) Flush(timeout time.Duration) bool
func (*Client) FlushWithContext(ctx context.Context) bool

type Event struct{}

type EventID string

type Hub struct{}

func (*Hub) CaptureEvent(event *Event) *EventID
func (*Hub) CaptureException(exception error) *EventID
func (*Hub) CaptureMessage(message string) *EventID
func (*Hub) Flush(timeout time.Duration) bool
func (*Hub) FlushWithContext(ctx context.Context) bool

type Transport interface {
	Flush(timeout time.Duration) bool
	FlushWithContext(ctx context.Context) bool
}
