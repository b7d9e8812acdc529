package profile

import "testing"

// TestParseSymbol parses symbols as made by the linker.
func TestParseSymbol(t *testing.T) {
	for _, test := range []struct{ full, pkg, name, unit, table string }{
		{"main.main", "main", "main", "main", "main.main"},
		{"sync.(*Mutex).Unlock", "sync", "(*Mutex).Unlock", "(*Mutex).Unlock", "(*sync.Mutex).Unlock"},
		{"example.com/m.(*T).Put.func1.2", "example.com/m", "(*T).Put", "(*T).Put.func1.func2", "(*example.com/m.T).Put"},
		{"example.com/m.(*T).Put.func1.deferwrap2", "example.com/m", "(*T).Put", "(*T).Put.func1", "(*example.com/m.T).Put"},
		{"example.com/m.(*G[go.shape.struct { a/b.X }]).Do", "example.com/m", "(*G).Do", "(*G).Do", "(*example.com/m.G).Do"},
		{"example.com/m.V.get2", "example.com/m", "V.get2", "V.get2", "(example.com/m.V).get2"},
		{"example.com/m.get.func3", "example.com/m", "get", "get.func3", "example.com/m.get"},
		{"example.com/m.(*T).Handle-fm", "example.com/m", "(*T).Handle", "(*T).Handle", "(*example.com/m.T).Handle"},
		{"example.com/m.each-range1", "example.com/m", "each", "each", "example.com/m.each"},
		{"example.com/m.init.0", "example.com/m", "init", "init", "example.com/m.init"},
		{"example.com/m.init.1.func2", "example.com/m", "init", "init.func2", "example.com/m.init"},
		{"gopkg.in/yaml%2ev3.Marshal[...]", "gopkg.in/yaml.v3", "Marshal", "Marshal", "gopkg.in/yaml.v3.Marshal"},
		{"example.com/d%c3%a9j%c3%a0.Vu", "example.com/déjà", "Vu", "Vu", "example.com/déjà.Vu"},
		{"_cgo_topofstack", "", "_cgo_topofstack", "_cgo_topofstack", "._cgo_topofstack"},
		{"a.b.", "a", "b", "b", "a.b"},
	} {
		s := parseSymbol(test.full)
		if unit := unitName(s); s.pkg != test.pkg || s.name != test.name || unit != test.unit || s.tableName() != test.table {
			t.Errorf("%s: got %q, %q, unit %q, table %q", test.full, s.pkg, s.name, unit, s.tableName())
		}
	}
}
