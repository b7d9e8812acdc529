package vetunit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswer checks which units are answered at once, and that an empty file of facts is
// written for those and nothing for others.
func TestAnswer(t *testing.T) {
	for _, test := range []struct {
		name, unit string
		want       bool
	}{
		{"a dependency", `{"ModulePath":"example.org/d","ModuleVersion":"v1.0.0","VetxOnly":true,"VetxOutput":"OUT"}`, true},
		{"standard library", `{"VetxOnly":true,"VetxOutput":"OUT","Standard":{"io":true}}`, true},
		{"own package for its facts", `{"ModulePath":"example.org/m","VetxOnly":true,"VetxOutput":"OUT"}`, false},
		{"own package", `{"ModulePath":"example.org/m","VetxOutput":"OUT"}`, false},
		{"a dependency that is named", `{"ModulePath":"example.org/d","ModuleVersion":"v1.0.0","VetxOutput":"OUT"}`, false},
		{"not JSON", `{"VetxOnly":true,`, false},
		{"a place that cannot be written", `{"VetxOnly":true,"VetxOutput":"OUT/none/out"}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			out, cfg := filepath.Join(dir, "out"), filepath.Join(dir, "vet.cfg")
			text := strings.ReplaceAll(test.unit, "OUT", filepath.ToSlash(out))
			if err := os.WriteFile(cfg, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			if got := Answer([]string{"-json", cfg}); got != test.want {
				t.Errorf("answered: %v", got)
			}
			facts, err := os.ReadFile(out)
			if test.want != (err == nil) || len(facts) != 0 {
				t.Errorf("facts %q, %v", facts, err)
			}
		})
	}
	for _, args := range [][]string{nil, {"-V=full"}, {"-l", "./..."}, {filepath.Join(t.TempDir(), "none.cfg")}} {
		if Answer(args) {
			t.Errorf("%q is answered", args)
		}
	}
}
