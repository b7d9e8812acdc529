package load

import (
	"os"
	"testing"
)

// TestUnbuilt loads a package with a type error in a function, with and without its
// dependencies built. Nothing may be built, and the types must be the same.
func TestUnbuilt(t *testing.T) {
	dir, tool := writeBuilt(t, "\nfunc f() int { return missing }\n")
	for _, test := range []struct {
		name, cache string
		unbuilt     bool
	}{
		{"all built", "", false},
		{"nothing built", t.TempDir(), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := Config{Dir: dir, Tool: tool}
			if test.cache != "" {
				cfg.Env = append(os.Environ(), "GOCACHE="+test.cache)
			}
			l, err := newLoader(cfg, []string{"."})
			if err != nil {
				t.Fatal(err)
			}
			if _, got := l.unbuilt(); got != test.unbuilt {
				t.Errorf("unbuilt: %v", got)
			}
			res, err := Load(cfg, ".")
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Packages) != 1 || !res.Packages[0].Partial || len(res.Problems) != 1 {
				t.Fatalf("packages %v, problems %v", res.Packages, res.Problems)
			}
			if w := res.Packages[0].Types.Scope().Lookup("W"); w.Type().String() != "io.Writer" {
				t.Errorf("W is of type %v", w.Type())
			}
			if test.cache != "" {
				checkNoArchives(t, test.cache)
			}
		})
	}
}
