// Package google is a stub: the functions of v0.37.0 that blocking.txt names, and the
// types in their signatures.
package google

import (
	"context"
	"net/http"

	"golang.org/x/oauth2"
)

func DefaultClient(ctx context.Context, scope ...string) (*http.Client, error)
func DefaultTokenSource(ctx context.Context, scope ...string) (oauth2.TokenSource, error)
func FindDefaultCredentials(ctx context.Context, scopes ...string) (*Credentials, error)
func FindDefaultCredentialsWithParams(ctx context.Context, params CredentialsParams) (*Credentials, error)

type Credentials struct{}

type CredentialsParams struct{}
