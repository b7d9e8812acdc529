// Package api is a stub: the functions of v1.23.0 that blocking.txt names, and the
// types in their signatures.
package api

import (
	"context"
)

type Auth struct{}

func (*Auth) Login(ctx context.Context, authMethod AuthMethod) (*Secret, error)

type AuthMethod interface{}

type AuthMount = MountOutput

type HealthResponse struct{}

type KVMetadata struct{}

type KVOption func() (key string, value interface{})

type KVSecret struct{}

type KVv1 struct{}

func (*KVv1) Delete(ctx context.Context, secretPath string) error
func (*KVv1) Get(ctx context.Context, secretPath string) (*KVSecret, error)
func (*KVv1) Put(ctx context.Context, secretPath string, data map[string]interface{}) error

type KVv2 struct{}

func (*KVv2) Delete(ctx context.Context, secretPath string) error
func (*KVv2) Get(ctx context.Context, secretPath string) (*KVSecret, error)
func (*KVv2) GetMetadata(ctx context.Context, secretPath string) (*KVMetadata, error)
func (*KVv2) GetVersion(ctx context.Context, secretPath string, version int) (*KVSecret, error)
func (*KVv2) Patch(ctx context.Context, secretPath string, newData map[string]interface{}, opts ...KVOption) (*KVSecret, error)
func (*KVv2) Put(ctx context.Context, secretPath string, data map[string]interface{}, opts ...KVOption) (*KVSecret, error)

type LeaderResponse struct{}

type LifetimeWatcher struct{}

func (*LifetimeWatcher) Renew()
func (*LifetimeWatcher) Start()

type Logical struct{}

func (*Logical) Delete(path string) (*Secret, error)
func (*Logical) DeleteWithContext(ctx context.Context, path string) (*Secret, error)
func (*Logical) List(path string) (*Secret, error)
func (*Logical) ListWithContext(ctx context.Context, path string) (*Secret, error)
func (*Logical) Read(path string) (*Secret, error)
func (*Logical) ReadWithContext(ctx context.Context, path string) (*Secret, error)
func (*Logical) ReadWithData(path string, data map[string][]string) (*Secret, error)
func (*Logical) ReadWithDataWithContext(ctx context.Context, path string, data map[string][]string) (*Secret, error)
func (*Logical) Unwrap(wrappingToken string) (*Secret, error)
func (*Logical) UnwrapWithContext(ctx context.Context, wrappingToken string) (*Secret, error)
func (*Logical) Write(path string, data map[string]interface{}) (*Secret, error)
func (*Logical) WriteBytes(path string, data []byte) (*Secret, error)
func (*Logical) WriteBytesWithContext(ctx context.Context, path string, data []byte) (*Secret, error)
func (*Logical) WriteWithContext(ctx context.Context, path string, data map[string]interface{}) (*Secret, error)

type MountInput struct{}

type MountOutput struct{}

type SealStatusResponse struct{}

type Secret struct{}

type Sys struct{}

func (*Sys) Health() (*HealthResponse, error)
func (*Sys) HealthWithContext(ctx context.Context) (*HealthResponse, error)
func (*Sys) Leader() (*LeaderResponse, error)
func (*Sys) ListAuth() (map[string]*AuthMount, error)
func (*Sys) ListMounts() (map[string]*MountOutput, error)
func (*Sys) Mount(path string, mountInfo *MountInput) error
func (*Sys) PutPolicy(name string, rules string) error
func (*Sys) Renew(id string, increment int) (*Secret, error)
func (*Sys) RenewWithContext(ctx context.Context, id string, increment int) (*Secret, error)
func (*Sys) Revoke(id string) error
func (*Sys) Seal() error
func (*Sys) SealStatus() (*SealStatusResponse, error)
func (*Sys) SealStatusWithContext(ctx context.Context) (*SealStatusResponse, error)
func (*Sys) Unmount(path string) error
func (*Sys) Unseal(shard string) (*SealStatusResponse, error)

type TokenAuth struct{}

func (*TokenAuth) Create(opts *TokenCreateRequest) (*Secret, error)
func (*TokenAuth) Lookup(token string) (*Secret, error)
func (*TokenAuth) LookupSelf() (*Secret, error)
func (*TokenAuth) LookupSelfWithContext(ctx context.Context) (*Secret, error)
func (*TokenAuth) RenewSelf(increment int) (*Secret, error)
func (*TokenAuth) RenewSelfWithContext(ctx context.Context, increment int) (*Secret, error)
func (*TokenAuth) RevokeSelf(token string) error

type TokenCreateRequest struct{}
