package load

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == BuiltCommand {
		os.Exit(RefuseTool(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// TestBuilt loads a package with all or none of its dependencies in the build cache. Nothing
// may be built, and the types must be the same.
func TestBuilt(t *testing.T) {
	dir, tool := writeBuilt(t, "")
	memory := make(memoryMap)
	for _, test := range []struct {
		name, cache string
		tool        string
		memory      Memory
		want        bool
	}{
		{"no tool", "", "", nil, false},
		{"all built", "", tool, memory, true},
		{"remembered", "", "", memory, false},
		{"nothing built", t.TempDir(), tool, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := Config{Dir: dir, Tool: test.tool}
			if test.cache != "" {
				cfg.Env = append(os.Environ(), "GOCACHE="+test.cache)
			}
			l, ok := List(cfg, ".")
			if !ok || !l.Prepare(l.Units, test.memory) {
				t.Fatal("the package is not listed")
			}
			pkgs, _, ok := l.loadUnits()
			if !ok || pkgs[0].Types.Scope().Lookup("W").Type().String() != "io.Writer" {
				t.Fatalf("%v: the types are wrong", ok)
			}
			if got := l.built != nil && l.built.closed(l, "text/tabwriter"); got != test.want {
				t.Errorf("built: %v", got)
			}
			if test.cache != "" {
				checkNoArchives(t, test.cache)
			}
		})
	}
}

// writeBuilt writes a package, with more appended to its file, and has the go command build
// its imports. tool is a program for [Config.Tool].
func writeBuilt(t *testing.T, more string) (dir, tool string) {
	t.Helper()
	if out, err := exec.Command("go", "build", "text/tabwriter", "io").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tool, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.26\n",
		"a.go":   "package m\n\nimport (\n\t\"io\"\n\t\"text/tabwriter\"\n)\n\nvar W io.Writer = new(tabwriter.Writer)\n" + more,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, tool
}
