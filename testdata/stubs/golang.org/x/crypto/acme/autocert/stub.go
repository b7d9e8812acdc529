// Package autocert is a stub: the functions of v0.58.0 that blocking.txt names, and the
// types in their signatures.
package autocert

import (
	"context"
	"crypto/tls"
	"net"
)

func NewListener(domains ...string) net.Listener

type Cache interface {
	Delete(ctx context.Context, key string) error
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, data []byte) error
}

type DirCache string

func (DirCache) Delete(ctx context.Context, name string) error
func (DirCache) Get(ctx context.Context, name string) ([]byte, error)
func (DirCache) Put(ctx context.Context, name string, data []byte) error

type Manager struct{}

func (*Manager) GetCertificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error)
func (*Manager) Listener() net.Listener
