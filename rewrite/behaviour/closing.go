package behaviour

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/storage"
	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// Ended returns what a call ends the life of, as the name of the method suggests: the receiver
// of conn.Close(), and the connection in pool.Release(conn), but not the pool. If the call is
// about something that has no life of its own, such as the key in leases.Release(ctx, key),
// about is true and there is nothing that ends.
func Ended(info *types.Info, c *ast.CallExpr) (ended []ast.Expr, about bool) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || !EndsLife(sel.Sel.Name) {
		return nil, false
	}
	if fn := patterns.CalleeOf(info, c); storage.ReceiverOf(info, c) == nil || fn == nil || !isAboutOne(fn, info.TypeOf(sel.X)) {
		return []ast.Expr{sel.X}, false
	}
	for _, a := range c.Args {
		if t := info.TypeOf(a); t != nil && !isCircumstance(t) && syntax.RefsOf(t, 0) != syntax.NoRefs {
			ended = append(ended, a)
		}
	}
	return ended, true
}

// isAboutOne reports whether a method takes something that says which of the things behind its
// receiver it is about. Then another method of the type takes such a thing first, too, or
// returns it:
//
//	Acquire(ctx context.Context, key string) (int64, error)
//	Release(ctx context.Context, key string, id int64) error
//
// What Close(code StatusCode, reason string) takes is nothing that another method knows.
func isAboutOne(fn *types.Func, recv types.Type) bool {
	which := firstThing(fn.Signature())
	if which == nil || recv == nil {
		return false
	}
	if _, ok := recv.Underlying().(*types.Pointer); !ok && !types.IsInterface(recv) {
		recv = types.NewPointer(recv)
	}
	for m := range types.NewMethodSet(recv).Methods() {
		other, ok := m.Obj().(*types.Func)
		if !ok || EndsLife(other.Name()) {
			continue
		}
		if t := firstThing(other.Signature()); t != nil && types.Identical(t, which) {
			return true
		}
		for r := range other.Signature().Results().Variables() {
			if types.Identical(r.Type(), which) {
				return true
			}
		}
	}
	return false
}

// firstThing returns the type of the first parameter that does more than say how or how long,
// or nil.
func firstThing(sig *types.Signature) types.Type {
	for p := range sig.Params().Variables() {
		if !isCircumstance(p.Type()) {
			return p.Type()
		}
	}
	return nil
}

// isCircumstance reports whether values of a type only say how or how long to do something, or
// why: a context, a time, an error, a flag, an option that is a function.
func isCircumstance(t types.Type) bool {
	if syntax.IsContext(t) || patterns.IsError(t) {
		return true
	}
	switch name := types.TypeString(t, nil); name {
	case "time.Time", "time.Duration":
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsBoolean != 0
	case *types.Slice:
		_, option := u.Elem().Underlying().(*types.Signature)
		return option
	case *types.Signature:
		return true
	}
	return false
}

// EndsLife reports whether a function's name suggests that it ends the lifetime of an object:
// Close, stop, CloseWithError, dirtyClose, but not closed.
func EndsLife(name string) bool {
	word := func(w string) bool {
		return slices.ContainsFunc(ClosingWords, func(c string) bool { return strings.EqualFold(c, w) })
	}
	start := 0
	for i, r := range name {
		if i > start && (unicode.IsUpper(r) || r == '_') {
			if word(strings.Trim(name[start:i], "_")) {
				return true
			}
			start = i
		}
	}
	return word(strings.Trim(name[start:], "_")) || word(name)
}

// ClosingWords are the words in function names that suggest the end of an object's lifetime.
var ClosingWords = []string{"close", "stop", "shutdown", "release", "destroy", "kill", "free", "abort", "terminate", "dispose"}

// CloseSafe reports whether values of the type may be closed while in use: their documentation
// promises that other users get an error and nothing worse.
func CloseSafe(t types.Type) bool {
	switch strings.TrimPrefix(types.TypeString(t, nil), "*") {
	case "net.Conn", "net.Listener", "net.PacketConn", "net.TCPConn", "net.UnixConn", "net.UDPConn", "os.File",
		"database/sql.DB", "database/sql.Conn", "net/http.Server", "net/rpc.Client", "google.golang.org/grpc.ClientConn", "crypto/tls.Conn", "io.PipeReader", "io.PipeWriter", "time.Timer", "time.Ticker":
		return true
	}
	return false
}
