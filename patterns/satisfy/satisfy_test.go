package satisfy

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

const source = `package p

type Pages struct{}

func (Pages) Fetch(url string) ([]byte, error) { return nil, nil }

type Same[T any] struct{}

func (*Same[T]) Fetch(v T) (T, error) { return v, nil }

type Lists[T any] struct{}

func (Lists[T]) Fetch(v []T) (map[string]T, error) { return nil, nil }

type Other struct{}

func (Other) Fetch(url string) []byte { return nil }

type Many struct{}

func (Many) Fetch(urls ...string) ([]byte, error) { return nil, nil }

type Both struct{ Pages }

func (*Both) Close(ch <-chan int) {}

type None struct{}

type (
	Fetcher[K comparable, V any] interface{ Fetch(K) (V, error) }
	Texts                        interface{ Fetch(string) ([]byte, error) }
	Alike[T any]                 interface{ Fetch(T) (T, error) }
	Closer[K comparable, E any]  interface {
		Fetcher[K, []E]
		Close(<-chan E)
	}
	Bytes = Fetcher[string, []byte]
	Ints  = Fetcher[int, int]
	Slice = Fetcher[[2]int, int]
	Maps[T comparable] interface{ Fetch([]T) (map[T]T, error) }
	Any  interface{}
)
`

// implemented lists the types of source that implement each of its interfaces.
var implemented = map[string]string{
	"Fetcher": "Both Lists Pages Same",
	"Texts":   "Both Pages",
	"Alike":   "Same",
	"Closer":  "", // the elements of Pages are bytes, the channel's are ints
	"Bytes":   "Both Pages",
	"Ints":    "Same",
	"Slice":   "",
	"Maps":    "Lists",
	"Any":     "Both Lists Many None Other Pages Same",
}

func TestImplements(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: importer.Default()}
	p, err := conf.Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	scope := p.Scope()
	for _, name := range scope.Names() {
		iface, ok := scope.Lookup(name).Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		var found []string
		for _, other := range scope.Names() {
			if typ := scope.Lookup(other).Type(); !types.IsInterface(typ) && Implements(typ, iface) {
				found = append(found, other)
			}
		}
		want, listed := implemented[name]
		if got := strings.Join(found, " "); !listed || got != want {
			t.Errorf("%s is implemented by %q, not %q", name, got, want)
		}
	}
}
