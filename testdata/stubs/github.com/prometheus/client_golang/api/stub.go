// Package api is a stub: the functions of v1.25.0 that blocking.txt names, and the
// types in their signatures.
package api

import (
	"context"
	"net/http"
)

type Client interface {
	Do(context.Context, *http.Request) (*http.Response, []byte, error)
}
