package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/internal/proftest"
	"golang.org/x/tools/txtar"
)

// TestReadmeProfile does what the README shows: it reads a profile of the worked example,
// rewrites it, and reads the profile of what was rewritten.
func TestReadmeProfile(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	service := filepath.Join(dir, "service")
	if err := os.CopyFS(service, os.DirFS("../../testdata/service")); err != nil {
		t.Fatal(err)
	}
	ar, err := txtar.ParseFile("../../testdata/service.profiles.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range ar.Files {
		data, err := proftest.Encode(string(f.Data))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, f.Name), string(data))
	}
	read := func(profile string) (first, account string) {
		_, stdout, stderr := try(t.Context(), nil, "-C", service, "-l", "-profile="+filepath.Join(dir, profile))
		first, _, _ = strings.Cut(stdout, "\n")
		for line := range strings.Lines(stderr) {
			if strings.HasPrefix(line, "profiles: ") {
				account = line
			}
		}
		want := "    " + first + "\n    " + account
		if !strings.Contains(string(readme), want) {
			t.Errorf("the README does not have\n%s", want)
		}
		return first, account
	}
	if first, _ := read("held.txt"); !strings.HasPrefix(first, "server.go:83:2: ") {
		t.Errorf("the handler's section is not the first: %s", first)
	}
	if status, _, stderr := try(t.Context(), nil, "-C", service, "-w", "-grade=review"); status == app.ExitFailed {
		t.Fatal(stderr)
	}
	if first, _ := read("letgo.txt"); strings.HasPrefix(first, "server.go:") {
		t.Errorf("the handler's section is still there: %s", first)
	}
}
