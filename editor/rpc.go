package editor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/creachadair/jrpc2"
	"go.lsp.dev/protocol"
)

// The error codes of the language server protocol that jrpc2 does not have.
const (
	serverNotInitialized jrpc2.Code = -32002
	requestFailed        jrpc2.Code = -32803
	contentModified      jrpc2.Code = -32801
	requestCancelled     jrpc2.Code = -32800
)

var (
	errNotInitialized = jrpc2.Errorf(serverNotInitialized, "the first request must be initialize")
	errTwice          = jrpc2.Errorf(jrpc2.InvalidRequest, "initialize may be called only once")
	errShutDown       = jrpc2.Errorf(jrpc2.InvalidRequest, "the server was shut down; only exit may follow")
	errModified       = jrpc2.Errorf(contentModified, "the text has changed meanwhile")
	errCancelled      = jrpc2.Errorf(requestCancelled, "cancelled")
)

// handlers lists what the server answers, by method.
func (s *server) handlers() map[string]jrpc2.Handler {
	return map[string]jrpc2.Handler{
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

func ignore(context.Context, *jrpc2.Request) (any, error) { return nil, nil }

// call makes a handler of the function that answers a request.
func call[P, R any](f func(context.Context, *P) (R, error)) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (any, error) {
		params := new(P)
		if err := decode(req, params); err != nil {
			return nil, err
		}
		result, err := f(ctx, params)
		if err != nil {
			return nil, err
		}
		return encode(result)
	}
}

// note makes a handler of the function that takes a notification.
func note[P any](f func(context.Context, *P) error) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (any, error) {
		params := new(P)
		if err := decode(req, params); err != nil {
			return nil, err
		}
		return nil, f(ctx, params)
	}
}

func decode(req *jrpc2.Request, params any) error {
	if !req.HasParams() {
		return nil
	}
	if err := protocol.Unmarshal([]byte(req.ParamString()), params); err != nil {
		return jrpc2.Errorf(jrpc2.InvalidParams, "the parameters of %s: %v", req.Method(), err)
	}
	return nil
}

// encode makes the JSON of a value of package protocol, which package
// encoding/json could not.
func encode(v any) (json.RawMessage, error) {
	raw, err := protocol.Marshal(v)
	return json.RawMessage(raw), err
}

// must is encode for values that cannot fail.
func must(v any) json.RawMessage {
	raw, err := encode(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// Assign implements [jrpc2.Assigner]: it looks at the state of the server
// before a handler sees the request. It is called in the order in which the
// messages come, so whoever cancels a request later will find it.
func (s *server) Assign(ctx context.Context, method string) jrpc2.Handler {
	h := s.methods[method]
	req := jrpc2.InboundRequest(ctx)
	if h == nil {
		if req.IsNotification() {
			return ignore
		}
		h = func(context.Context, *jrpc2.Request) (any, error) {
			return nil, jrpc2.Errorf(jrpc2.MethodNotFound, "letgo does not know the method %q", method)
		}
	}
	ctx, done := s.cancellable(ctx, req.ID())
	return func(_ context.Context, req *jrpc2.Request) (any, error) {
		defer done()
		if err := s.admit(method); err != nil {
			return nil, err
		}
		return s.guarded(ctx, req, h)
	}
}

// cancellable makes the context of a request one that the client can end. What
// it returns is to be called when the request is answered. That of jrpc2 has an
// error code of its own for requests that are cancelled before they begin.
func (s *server) cancellable(ctx context.Context, id string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	if id == "" {
		return ctx, cancel
	}
	s.cancelling.Lock()
	defer s.cancelling.Unlock()
	s.cancels[id] = cancel
	return ctx, func() {
		cancel()
		s.cancelling.Lock()
		defer s.cancelling.Unlock()
		delete(s.cancels, id)
	}
}

// guarded calls a handler. A panic in it becomes the answer, and cancelled
// requests get the code that clients expect.
func (s *server) guarded(ctx context.Context, req *jrpc2.Request, h jrpc2.Handler) (result any, err error) {
	start := time.Now()
	defer func() {
		if v := recover(); v != nil {
			s.logf(protocol.MessageTypeError, "internal error in %s: %v; please report this\n%s", req.Method(), v, stack())
			err = jrpc2.Errorf(jrpc2.InternalError, "internal error: %v", v)
		}
		if err != nil && ctx.Err() != nil || errors.Is(err, context.Canceled) {
			err = errCancelled
		}
		if !req.IsNotification() {
			s.debugf("%s took %s%s", req.Method(), since(start), failure(err))
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
func (s *server) cancelRequest(_ context.Context, req *jrpc2.Request) (any, error) {
	var params struct {
		ID json.RawMessage `json:"id"`
	}
	if err := req.UnmarshalParams(&params); err != nil {
		return nil, err
	}
	s.cancelling.Lock()
	cancel := s.cancels[string(params.ID)]
	s.cancelling.Unlock()
	if cancel != nil {
		cancel()
	}
	return nil, nil
}

// notify sends a notification to the client. That the client has gone is seen
// where the messages are read.
func (s *server) notify(method string, params any) {
	raw, err := encode(params)
	if err == nil {
		err = s.rpc.Notify(context.Background(), method, raw)
	}
	if err != nil {
		s.debugf("sending %s: %v", method, err)
	}
}

// ask sends a request to the client and waits for the answer. A handler of a
// notification must not call it: no other message is handled meanwhile.
func (s *server) ask(ctx context.Context, method string, params, result any) error {
	raw, err := encode(params)
	if err != nil {
		return err
	}
	rsp, err := s.rpc.Callback(ctx, method, raw)
	if err != nil || result == nil {
		return err
	}
	return protocol.Unmarshal([]byte(rsp.ResultString()), result)
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
