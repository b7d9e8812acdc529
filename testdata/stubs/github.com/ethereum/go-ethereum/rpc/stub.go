// Package rpc is a stub: the functions of v1.17.10 that blocking.txt names, and the
// types in their signatures.
package rpc

import (
	"context"
)

func Dial(rawurl string) (*Client, error)
func DialContext(ctx context.Context, rawurl string) (*Client, error)
func DialHTTP(endpoint string) (*Client, error)
func DialIPC(ctx context.Context, endpoint string) (*Client, error)
func DialWebsocket(ctx context.Context, endpoint string, origin string) (*Client, error)

type BatchElem struct{}

type Client struct{}

func (*Client) BatchCall(b []BatchElem) error
func (*Client) BatchCallContext(ctx context.Context, b []BatchElem) error
func (*Client) Call(result interface{}, method string, args ...interface{}) error
func (*Client) CallContext(ctx context.Context, result interface{}, method string, args ...interface{}) error
func (*Client) EthSubscribe(ctx context.Context, channel interface{}, args ...interface{}) (*ClientSubscription, error)
func (*Client) Notify(ctx context.Context, method string, args ...interface{}) error
func (*Client) Subscribe(ctx context.Context, namespace string, channel interface{}, args ...interface{}) (*ClientSubscription, error)

type ClientSubscription struct{}

func (*ClientSubscription) Unsubscribe()
