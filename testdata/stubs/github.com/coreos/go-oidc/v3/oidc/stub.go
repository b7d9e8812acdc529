// Package oidc is a stub: the functions of v3.21.0 that blocking.txt names, and the
// types in their signatures.
package oidc

import (
	"context"

	"golang.org/x/oauth2"
)

func NewProvider(ctx context.Context, issuer string) (*Provider, error)

type IDToken struct{}

type IDTokenVerifier struct{}

func (*IDTokenVerifier) Verify(ctx context.Context, rawIDToken string) (*IDToken, error)

type KeySet interface {
	VerifySignature(ctx context.Context, jwt string) (payload []byte, err error)
}

type Provider struct{}

func (*Provider) UserInfo(ctx context.Context, tokenSource oauth2.TokenSource) (*UserInfo, error)

type RemoteKeySet struct{}

func (*RemoteKeySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error)

type UserInfo struct{}
