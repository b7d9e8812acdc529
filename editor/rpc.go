package editor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/letgo-dev/letgo/editor/jsonrpc"
	"github.com/letgo-dev/letgo/editor/protocol"
)

var (
	errNotInitialized = jsonrpc.Errorf(jsonrpc.ServerNotInitialized, "the first request must be initialize")
	errTwice          = jsonrpc.Errorf(jsonrpc.InvalidRequest, "initialize may be called only once")
	errShutDown       = jsonrpc.Errorf(jsonrpc.InvalidRequest, "the server was shut down; only exit may follow")
	errModified       = jsonrpc.Errorf(jsonrpc.ContentModified, "the text has changed meanwhile")
	errCancelled      = jsonrpc.Errorf(jsonrpc.RequestCancelled, "cancelled")
)

// handlers lists what the server answers, by method.
func (s *server) handlers() map[string]jsonrpc.Handler {
	return map[string]jsonrpc.Handler{
		"initialize":                          call(s.initialize),
		"initialized":                         note(s.initialized),
		"shutdown":                            call(s.shutdown),
		"exit":                                note(s.exit),
		"$/cancelRequest":                     s.cancelRequest,
		"$/setTrace":                          ignore,
		"textDocument/didOpen":                note(s.didOpen),
		"textDocument/didChange":              note(s.didChange),
		"textDocument/didSave":                note(s.didSave),
		"textDocument/didClose":               note(s.didClose),
		"textDocument/codeAction":             call(s.codeAction),
		"codeAction/resolve":                  call(s.resolve),
		"workspace/executeCommand":            call(s.executeCommand),
		"workspace/didChangeConfiguration":    note(s.didChangeConfiguration),
		"workspace/didChangeWatchedFiles":     note(s.didChangeWatchedFiles),
		"workspace/didChangeWorkspaceFolders": note(s.didChangeWorkspaceFolders),
		"window/workDoneProgress/cancel":      ignore,
	}
}

func ignore(context.Context, *jsonrpc.Request) (any, error) { return nil, nil }

// call makes a handler of the function that answers a request.
func call[P, R any](f func(context.Context, *P) (R, error)) jsonrpc.Handler {
	return func(ctx context.Context, req *jsonrpc.Request) (any, error) {
		params := new(P)
		if err := decode(req, params); err != nil {
			return nil, err
		}
		return f(ctx, params)
	}
}

// note makes a handler of the function that takes a notification.
func note[P any](f func(context.Context, *P) error) jsonrpc.Handler {
	return func(ctx context.Context, req *jsonrpc.Request) (any, error) {
		params := new(P)
		if err := decode(req, params); err != nil {
			return nil, err
		}
		return nil, f(ctx, params)
	}
}

func decode(req *jsonrpc.Request, params any) error {
	if req.Params == nil {
		return nil
	}
	if err := json.Unmarshal(req.Params, params); err != nil {
		return jsonrpc.Errorf(jsonrpc.InvalidParams, "the parameters of %s: %v", req.Method, err)
	}
	return nil
}

// inline reports whether what comes after a request is to wait for its answer: it
// changes what else is allowed.
func inline(method string) bool { return method == "initialize" || method == "shutdown" }

// handle handles whatever the client sends.
func (s *server) handle(ctx context.Context, req *jsonrpc.Request) (any, error) {
	h := s.methods[req.Method]
	if h == nil {
		if req.IsNotification() {
			return nil, nil
		}
		h = func(context.Context, *jsonrpc.Request) (any, error) {
			return nil, jsonrpc.Errorf(jsonrpc.MethodNotFound, "letgo does not know the method %q", req.Method)
		}
	}
	if err := s.admit(req.Method); err != nil {
		return nil, err
	}
	return s.guarded(ctx, req, h)
}

// guarded calls a handler. A panic in it becomes the answer, and cancelled
// requests get the code that clients expect.
func (s *server) guarded(ctx context.Context, req *jsonrpc.Request, h jsonrpc.Handler) (result any, err error) {
	start := time.Now()
	defer func() {
		if v := recover(); v != nil {
			s.logf(protocol.MessageTypeError, "internal error in %s: %v; please report this\n%s", req.Method, v, stack())
			err = jsonrpc.Errorf(jsonrpc.InternalError, "internal error: %v", v)
		}
		if err != nil && ctx.Err() != nil || errors.Is(err, context.Canceled) {
			err = errCancelled
		}
		if !req.IsNotification() {
			s.debugf("%s took %s%s", req.Method, since(start), failure(err))
		}
	}()
	return h(ctx, req)
}

// stack is that of the goroutine that panicked.
func stack() []byte { return debug.Stack() }

func failure(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(": %v", err)
}

func since(t time.Time) time.Duration { return time.Since(t).Round(100 * time.Microsecond) }

// cancelRequest ends the context of a request.
func (s *server) cancelRequest(_ context.Context, req *jsonrpc.Request) (any, error) {
	var params struct {
		ID json.RawMessage `json:"id"`
	}
	if err := decode(req, &params); err != nil {
		return nil, err
	}
	s.conn.Cancel(params.ID)
	return nil, nil
}

// notify sends a notification to the client. That the client has gone is seen
// where the messages are read.
func (s *server) notify(method string, params any) {
	if err := s.conn.Notify(method, params); err != nil {
		s.debugf("sending %s: %v", method, err)
	}
}

// ask sends a request to the client and waits for the answer. A handler of a
// notification must not call it: no other message is handled meanwhile.
func (s *server) ask(ctx context.Context, method string, params, result any) error {
	return s.conn.Call(ctx, method, params, result)
}

// logf sends a message for the client's log.
func (s *server) logf(kind protocol.MessageType, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	s.debugf("%s", msg)
	s.notify("window/logMessage", &protocol.LogMessageParams{Type: kind, Message: "letgo: " + msg})
}

// showf shows the user a message.
func (s *server) showf(kind protocol.MessageType, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	s.debugf("%s", msg)
	s.notify("window/showMessage", &protocol.ShowMessageParams{Type: kind, Message: "letgo: " + msg})
}
