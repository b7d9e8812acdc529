package known

import (
	_ "embed"
	"go/types"
	"strings"
	"sync"
)

//go:embed concurrent.txt
var concurrentText string

// concurrent maps the names in the table to the word behind them.
var concurrent = sync.OnceValue(func() map[string]string {
	out := make(map[string]string)
	for line := range names(concurrentText) {
		name, word, _ := strings.Cut(line, " ")
		out[name] = word
	}
	return out
})

// Concurrent reports whether, according to its documentation, several goroutines may
// call the methods of a type at once, or of the type that a pointer points to.
func Concurrent(t types.Type) bool {
	path, name := typeName(t)
	word, known := concurrent()[path+"."+name]
	return path == "sync" || AtomicPackage(path) || known && word != "variable"
}

// ConcurrentVariable reports whether v is a package-level variable whose value several
// goroutines may use at once, according to its documentation, though others of its type may
// not be: io.Discard.
func ConcurrentVariable(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() && concurrent()[v.Pkg().Path()+"."+v.Name()] == "variable"
}

// Passes reports whether the methods of such a type, or of the one that a pointer points to,
// write to what the value was made with.
func Passes(t types.Type) bool {
	path, name := typeName(t)
	return concurrent()[path+"."+name] == "passes"
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
