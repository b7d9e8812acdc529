package load

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUnbuilt loads a package with a type error in a function: with its dependencies
// built, and with nothing built. Nothing is built on the way, and the types are the same.
func TestUnbuilt(t *testing.T) {
	if out, err := exec.Command("go", "build", "text/tabwriter", "io").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tool, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.26\n",
		"a.go":   "package m\n\nimport (\n\t\"io\"\n\t\"text/tabwriter\"\n)\n\nvar W io.Writer = new(tabwriter.Writer)\n\nfunc f() int { return missing }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
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
