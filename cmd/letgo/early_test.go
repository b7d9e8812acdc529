package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestEarly checks that a process for a dependency ends before the packages that
// cost most are initialised.
func TestEarly(t *testing.T) {
	bin := letgoBinary(t)
	cfg := filepath.Join(t.TempDir(), "vet.cfg")
	initialised := func(unit string) string {
		if err := os.WriteFile(cfg, []byte(unit), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, cfg)
		cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
		out, _ := cmd.CombinedOutput() // a package without files is an error
		return string(out)
	}
	dependency := initialised(`{"VetxOnly": true, "ModulePath": "example.org/d", "ModuleVersion": "v1.0.0"}`)
	own := initialised(`{"VetxOnly": true, "ModulePath": "example.org/d"}`)
	for _, name := range []string{"go/types", "go.yaml.in/yaml/v4", "github.com/letgo-dev/letgo/rewrite/verify"} {
		if line := "init " + name + " @"; strings.Contains(dependency, line) || !strings.Contains(own, line) {
			t.Errorf("for a dependency:\n%s\nfor a package of the main module:\n%s", dependency, own)
		}
	}
	if !strings.Contains(dependency, "init os @") {
		t.Errorf("there is no trace: %q", dependency)
	}
}
