// Package certmagic is a stub: the functions of v0.25.4 that blocking.txt names, and the
// types in their signatures.
package certmagic

import (
	"context"
	"crypto/tls"
)

func CleanStorage(ctx context.Context, storage Storage, opts CleanStorageOptions) error

type CleanStorageOptions struct{}

type Config struct{}

func (*Config) GetCertificate(clientHello *tls.ClientHelloInfo) (*tls.Certificate, error)
func (*Config) GetCertificateWithContext(ctx context.Context, clientHello *tls.ClientHelloInfo) (*tls.Certificate, error)
func (*Config) ManageAsync(ctx context.Context, domainNames []string) error
func (*Config) ManageSync(ctx context.Context, domainNames []string) error
func (*Config) ObtainCertSync(ctx context.Context, name string) error
func (*Config) RenewCertSync(ctx context.Context, name string, force bool) error

type FileStorage struct{}

func (*FileStorage) Delete(_ context.Context, key string) error
func (*FileStorage) Exists(_ context.Context, key string) bool
func (*FileStorage) List(ctx context.Context, prefix string, recursive bool) ([]string, error)
func (*FileStorage) Load(_ context.Context, key string) ([]byte, error)
func (*FileStorage) Lock(ctx context.Context, name string) error
func (*FileStorage) Stat(_ context.Context, key string) (KeyInfo, error)
func (*FileStorage) Store(_ context.Context, key string, value []byte) error
func (*FileStorage) Unlock(_ context.Context, name string) error

type KeyInfo struct{}

type Locker interface {
	Lock(ctx context.Context, name string) error
	Unlock(ctx context.Context, name string) error
}

type Storage interface {
	Delete(ctx context.Context, key string) error
	Exists(ctx context.Context, key string) bool
	List(ctx context.Context, path string, recursive bool) ([]string, error)
	Load(ctx context.Context, key string) ([]byte, error)
	Stat(ctx context.Context, key string) (KeyInfo, error)
	Store(ctx context.Context, key string, value []byte) error
}

type TryLocker interface {
	TryLock(ctx context.Context, name string) (bool, error)
}
