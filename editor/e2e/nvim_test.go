package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
)

// TestNeovim carries out rewrites in Neovim, with letgo alone and with gopls
// beside it.
func TestNeovim(t *testing.T) {
	longtest.Skip(t, "builds the command and starts Neovim")
	t.Run("alone", func(t *testing.T) { neovim(t, "") })
	t.Run("beside gopls", func(t *testing.T) { neovim(t, gopls(t)) })
}

func neovim(t *testing.T, gopls string) {
	nvim := lsptest.Program(t, "nvim", "install the Debian package neovim, 0.7 or newer")
	plugin, err := filepath.Abs("../nvim")
	if err != nil {
		t.Fatal(err)
	}
	script, _ := filepath.Abs("testdata/nvim.lua")
	dir := example(t)
	var saw struct {
		Before, Both    []diagnostic
		Menu            []string
		Explained, Diff string
		Asked           struct {
			Message, Document string
			Changed           bool
		}
		Cancelled bool
		After     int
	}
	edit(t, dir, gopls, &saw, nvim, "--headless", "--clean", "--cmd", "set runtimepath^="+plugin, "-c", "luafile "+script)

	checkFinding(t, "before", saw.Before)
	if !strings.Contains(saw.Explained, "server.go:83") {
		t.Errorf("explained: %q", saw.Explained)
	}
	if !strings.HasPrefix(saw.Diff, "--- a/hub.go") || !strings.Contains(saw.Diff, "+++ b/server.go") {
		t.Errorf("diff:\n%s", saw.Diff)
	}
	checkMenu(t, saw.Menu, "Release s.mu during the call and take it again", "Explain what waits under s.mu", "Hold s.mu on purpose ...")
	checkAsked(t, saw.Asked.Message, saw.Asked.Document, saw.Asked.Changed)
	if !saw.Cancelled {
		t.Error("the text has changed although the user said no")
	}
	if gopls != "" {
		checkFinding(t, "both", saw.Both)
		compiler := func(d diagnostic) bool {
			return d.Source == "compiler" && strings.Contains(d.Message, "declared and not used: x")
		}
		if !slices.ContainsFunc(saw.Both, compiler) {
			t.Errorf("no diagnostic of gopls beside that of letgo: %v", saw.Both)
		}
		checkMenu(t, saw.Menu, "Browse")
	}
	for _, name := range []string{"server.go", "hub.go"} {
		if got, want := read(t, filepath.Join(dir, name)), written(t, name, "-grade=review"); got != want {
			t.Errorf("%s in Neovim:\n%s\nwith letgo -w:\n%s", name, got, want)
		}
	}
}

// checkFinding checks that the finding in server.go is among the diagnostics of
// an editor.
func checkFinding(t *testing.T, when string, list []diagnostic) {
	t.Helper()
	good := func(d diagnostic) bool {
		return d.Source == "letgo" && d.Line == 83 && d.Severity == "WARN" &&
			strings.HasPrefix(d.Message, "s.mu.Lock() is held across (*Validator).Validate")
	}
	if !slices.ContainsFunc(list, good) {
		t.Errorf("%s: the finding is not among the diagnostics: %v", when, list)
	}
}

// checkAsked checks what the user sees before a rewrite with questions is carried
// out: a message, and the document with the diff if there is one.
func checkAsked(t *testing.T, message, document string, changed bool) {
	t.Helper()
	for _, want := range []string{"Release s.mu during the call and take it again", "(line 103)"} {
		if !strings.Contains(message, want) {
			t.Errorf("the message has no %q: %s", want, message)
		}
	}
	if !strings.Contains(document, "--- a/server.go") || !strings.Contains(document, "(line 103)") {
		t.Errorf("the document has no questions or no diff: %s", document)
	}
	if changed {
		t.Error("the text has changed before the answer")
	}
}

// checkMenu checks that titles begin with what is wanted, each once.
func checkMenu(t *testing.T, titles []string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !slices.ContainsFunc(titles, func(title string) bool { return strings.HasPrefix(title, w) }) {
			t.Errorf("the menu has no %q: %q", w, titles)
		}
	}
}
