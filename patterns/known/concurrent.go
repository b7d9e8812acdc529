package known

import (
	_ "embed"
	"go/types"
	"sync"
)

//go:embed concurrent.txt
var concurrentText string

var concurrent = sync.OnceValue(func() map[string]bool { return names(concurrentText) })

// Concurrent reports whether, according to its documentation, several goroutines may
// call the methods of a type at once, or of the type that a pointer points to.
func Concurrent(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	path := n.Obj().Pkg().Path()
	return path == "sync" || path == "sync/atomic" || concurrent()[path+"."+n.Obj().Name()]
}
