// Package retryablehttp is a stub: the functions of v0.7.8 that blocking.txt names, and the
// types in their signatures.
package retryablehttp

import (
	"context"
	"net/http"
	"net/url"
)

func Get(url string) (*http.Response, error)
func Head(url string) (*http.Response, error)
func NewRequestWithContext(ctx context.Context, method string, url string, rawBody interface{}) (*Request, error)
func Post(url string, bodyType string, body interface{}) (*http.Response, error)
func PostForm(url string, data url.Values) (*http.Response, error)

type Client struct{}

func (*Client) Do(req *Request) (*http.Response, error)
func (*Client) Get(url string) (*http.Response, error)
func (*Client) Head(url string) (*http.Response, error)
func (*Client) Post(url string, bodyType string, body interface{}) (*http.Response, error)
func (*Client) PostForm(url string, data url.Values) (*http.Response, error)

type Request struct{}

type RoundTripper struct{}

func (*RoundTripper) RoundTrip(req *http.Request) (*http.Response, error)
