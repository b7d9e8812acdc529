package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
)

// TestEmacs carries out rewrites in Emacs, whose client runs letgo in front of
// gopls.
func TestEmacs(t *testing.T) {
	longtest.Skip(t, "builds the command and starts Emacs")
	emacs := lsptest.Program(t, "emacs", "install the Debian packages emacs-nox and elpa-go-mode, and elpa-eglot if Emacs is older than 29")
	path := filepath.Dir(gopls(t)) // for letgo to find it
	t.Setenv("PATH", path+string(filepath.ListSeparator)+os.Getenv("PATH"))
	client, err := filepath.Abs("../emacs")
	if err != nil {
		t.Fatal(err)
	}
	script, _ := filepath.Abs("testdata/emacs.el")
	dir := example(t)
	var saw struct {
		Before, Both    []diagnostic
		Symbols, Menu   []string
		Explained, Diff string
		Question        string // put before the rewrite is carried out
		Changed         string // by then
	}
	// Without --quick, which would leave out the site's packages.
	edit(t, dir, "", &saw, emacs, "--batch", "--no-init-file", "-L", client, "-l", script)

	found := func(d diagnostic) bool {
		return d.Line == 83 && d.Severity == "eglot-warning" &&
			strings.HasPrefix(d.Message, "letgo [http]: s.mu.Lock() is held across (*Validator).Validate")
	}
	for when, list := range map[string][]diagnostic{"before": saw.Before, "beside those of gopls": saw.Both} {
		if !slices.ContainsFunc(list, found) {
			t.Errorf("%s: the finding is not among the diagnostics: %v", when, list)
		}
	}
	compiler := func(d diagnostic) bool { return strings.Contains(d.Message, "declared and not used: x") }
	if !slices.ContainsFunc(saw.Both, compiler) {
		t.Errorf("no diagnostic of gopls beside that of letgo: %v", saw.Both)
	}
	if !slices.Contains(saw.Symbols, "(*Server).put") {
		t.Errorf("symbols of gopls: %q", saw.Symbols)
	}
	if !strings.Contains(saw.Explained, "server.go:83") {
		t.Errorf("explained: %q", saw.Explained)
	}
	if !strings.HasPrefix(saw.Diff, "--- a/hub.go") || !strings.Contains(saw.Diff, "+++ b/server.go") {
		t.Errorf("diff:\n%s", saw.Diff)
	}
	checkAsked(t, saw.Question, saw.Question, saw.Changed != "no") // eglot opens no documents
	checkMenu(t, saw.Menu, "Browse", "Release s.mu during the call and take it again", "Explain what waits under s.mu", "Hold s.mu on purpose ...")
	for _, name := range []string{"server.go", "hub.go"} {
		if got, want := read(t, filepath.Join(dir, name)), written(t, name, "-grade=review"); got != want {
			t.Errorf("%s in Emacs:\n%s\nwith letgo -w:\n%s", name, got, want)
		}
	}
}
