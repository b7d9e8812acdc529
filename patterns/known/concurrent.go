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
	return path == "sync" || AtomicPackage(n.Obj().Pkg()) || concurrent()[path+"."+n.Obj().Name()]
}

// AtomicPackage reports whether all that a package has are variables that several goroutines
// may use at once, without waiting: sync/atomic, and go.uber.org/atomic, whose types are made
// of its. The package may be nil.
func AtomicPackage(p *types.Package) bool {
	return p != nil && (p.Path() == "sync/atomic" || p.Path() == "go.uber.org/atomic")
}
