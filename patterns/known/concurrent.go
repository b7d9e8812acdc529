package known

import (
	_ "embed"
	"go/types"
	"strings"
	"sync"
)

//go:embed concurrent.txt
var concurrentText string

// concurrent maps the types of the table to whether they pass on what they are given.
var concurrent = sync.OnceValue(func() map[string]bool {
	out := make(map[string]bool)
	for line := range names(concurrentText) {
		name, word, _ := strings.Cut(line, " ")
		out[name] = word == "passes"
	}
	return out
})

// Concurrent reports whether, according to its documentation, several goroutines may
// call the methods of a type at once, or of the type that a pointer points to.
func Concurrent(t types.Type) bool {
	path, name := typeName(t)
	_, known := concurrent()[path+"."+name]
	return path == "sync" || AtomicPackage(path) || known
}

// Passes reports whether the methods of such a type, or of the one that a pointer points to,
// write to what the value was made with.
func Passes(t types.Type) bool {
	path, name := typeName(t)
	return concurrent()[path+"."+name]
}

// typeName returns the path of the package of a named type, or of the one that a pointer
// points to, and its name there; nothing for other types.
func typeName(t types.Type) (path, name string) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return "", ""
	}
	return n.Obj().Pkg().Path(), n.Obj().Name()
}

// AtomicPackage reports whether all that a package has are variables that several goroutines
// may use at once, without waiting: sync/atomic, and go.uber.org/atomic, whose types are made
// of its.
func AtomicPackage(path string) bool { return path == "sync/atomic" || path == "go.uber.org/atomic" }
