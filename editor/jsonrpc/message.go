// Package jsonrpc is JSON-RPC 2.0 as the language server protocol uses it: one message
// after the other in either direction, no batches.
package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The error codes of JSON-RPC and of the language server protocol.
const (
	ParseError           = -32700
	InvalidRequest       = -32600
	MethodNotFound       = -32601
	InvalidParams        = -32602
	InternalError        = -32603
	ServerNotInitialized = -32002
	RequestFailed        = -32803
	ContentModified      = -32801
	RequestCancelled     = -32800
)

// An Error is the answer to a request that failed.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }

// Errorf returns an [*Error].
func Errorf(code int, format string, args ...any) error {
	return &Error{code, fmt.Sprintf(format, args...)}
}

// errorOf makes an [*Error] of any error.
func errorOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{InternalError, err.Error()}
}

// A message is a request, a notification or a response.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

// parse reads a message. If it is not valid, the ID is still set where it can be read.
func parse(raw []byte) (*message, error) {
	m := new(message)
	if !json.Valid(raw) {
		return m, Errorf(ParseError, "the message is not valid JSON")
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		return m, Errorf(InvalidRequest, "the language server protocol has no batches of messages")
	}
	if err := json.Unmarshal(raw, m); err != nil {
		var only struct{ ID json.RawMessage }
		json.Unmarshal(raw, &only)
		m.ID = only.ID
		m.checkID()
		return m, Errorf(InvalidRequest, "this is not a JSON-RPC message: %v", err)
	}
	if err := m.checkID(); err != nil {
		return m, err
	}
	params := bytes.TrimSpace(m.Params)
	switch {
	case m.Version != "2.0":
		return m, Errorf(InvalidRequest, "this is not a JSON-RPC 2.0 message")
	case m.Method == "" && m.Result == nil && m.Error == nil:
		return m, Errorf(InvalidRequest, "the message has no method")
	case string(params) == "null":
		m.Params = nil
	case len(params) > 0 && params[0] != '{' && params[0] != '[':
		return m, Errorf(InvalidRequest, "the parameters are neither an object nor a list")
	}
	return m, nil
}

// checkID drops an invalid ID: one that is neither a number nor a string.
func (m *message) checkID() error {
	id := bytes.TrimSpace(m.ID)
	if len(id) == 0 || string(id) == "null" {
		m.ID = nil
		return nil
	}
	if c := id[0]; c != '"' && c != '-' && (c < '0' || c > '9') {
		m.ID = nil
		return Errorf(InvalidRequest, "the ID of a request is a number or a string")
	}
	return nil
}
