// Package stripe is a stub: the functions of v82.5.1 that blocking.txt names, and the
// types in their signatures.
package stripe

import (
	"bytes"
	"net/http"
)

func RawRequest(method string, path string, content string, params *RawParams) (*APIResponse, error)

type APIResponse struct{}

type Backend interface {
	Call(method string, path string, key string, params ParamsContainer, v LastResponseSetter) error
	CallMultipart(method string, path string, key string, boundary string, body *bytes.Buffer, params *Params, v LastResponseSetter) error
	CallRaw(method string, path string, key string, body []byte, params *Params, v LastResponseSetter) error
	CallStreaming(method string, path string, key string, params ParamsContainer, v StreamingLastResponseSetter) error
}

type BackendImplementation struct{}

func (*BackendImplementation) Call(method string, path string, key string, params ParamsContainer, v LastResponseSetter) error
func (*BackendImplementation) CallMultipart(method string, path string, key string, boundary string, body *bytes.Buffer, params *Params, v LastResponseSetter) error
func (*BackendImplementation) CallRaw(method string, path string, key string, body []byte, params *Params, v LastResponseSetter) error
func (*BackendImplementation) Do(req *http.Request, body *bytes.Buffer, v LastResponseSetter) error

type LastResponseSetter interface{}

type Params struct{}

type ParamsContainer interface{}

type RawParams struct{}

type StreamingLastResponseSetter interface{}
