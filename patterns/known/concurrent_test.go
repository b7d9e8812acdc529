package known

import (
	"go/token"
	"go/types"
	"testing"
)

func TestConcurrent(t *testing.T) {
	for _, c := range []struct {
		path, name string
		want       bool
	}{
		{"sync", "Mutex", true},
		{"sync/atomic", "Int64", true},
		{"go.uber.org/atomic", "Int64", true},
		{"net/http", "Client", true},
		{"net/http", "Request", false},
		{"go.uber.org/multierr", "Group", false},
	} {
		pkg := types.NewPackage(c.path, "p")
		typ := types.NewNamed(types.NewTypeName(token.NoPos, pkg, c.name, nil), types.NewStruct(nil, nil), nil)
		for _, u := range []types.Type{typ, types.NewPointer(typ)} {
			if got := Concurrent(u); got != c.want {
				t.Errorf("Concurrent(%s) = %t, want %t", u, got, c.want)
			}
		}
	}
}

func TestConcurrentVariable(t *testing.T) {
	pkg := types.NewPackage("io", "io")
	for name, want := range map[string]bool{"Discard": true, "EOF": false} {
		v := types.NewVar(token.NoPos, pkg, name, types.Universe.Lookup("error").Type())
		if ConcurrentVariable(v) {
			t.Errorf("%s counts as package-level before it is declared", name)
		}
		pkg.Scope().Insert(v)
		if got := ConcurrentVariable(v); got != want {
			t.Errorf("ConcurrentVariable(%s) = %t, want %t", name, got, want)
		}
	}
	if Concurrent(types.NewNamed(types.NewTypeName(token.NoPos, pkg, "Discard", nil), types.NewStruct(nil, nil), nil)) {
		t.Error("a type that has the name of such a variable counts as safe")
	}
}
