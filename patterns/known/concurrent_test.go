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
