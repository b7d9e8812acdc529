package load_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns/load"
)

const bom = "\xef\xbb\xbf"

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// TestLineEnds checks that carriage returns and byte order marks are removed before parsing
// and recorded, both in files on disk and in overlays.
func TestLineEnds(t *testing.T) {
	const src = "package m\n\n/* a\nb */\nvar S = `x\ny`\n"
	tests := []struct {
		name, text string
		content    string
		crlf, bom  bool
		fixed      string
	}{
		{"lf", src, src, false, false, ""},
		{"crlf", crlf(src), src, true, false, ""},
		{"bom", bom + src, src, false, true, ""},
		{"bom and crlf", bom + crlf(src), src, true, true, ""},
		{"no last line end", crlf("package m\n\nvar S = 1"), "package m\n\nvar S = 1", true, false, ""},
		{"one line", "package m; var S = 1", "package m; var S = 1", false, false, ""},
		{"lf among crlf", crlf(src) + "\n", src + "\n", false, false, "mixed line endings"},
		{"crlf among lf", src + "\r\n", src + "\n", false, false, "mixed line endings"},
		{"cr alone", src + "// a\rb\n", src + "// a\rb\n", false, false, "mixed line endings"},
		{"two cr", crlf(src) + "\r\r\n", src + "\r\n", false, false, "mixed line endings"},
	}
	for _, test := range tests {
		for _, overlaid := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				dir := module(t, "-- m.go --\npackage m\n\nvar Old int\n")
				name := filepath.Join(dir, "m.go")
				cfg := load.Config{Dir: dir}
				if overlaid {
					cfg.Overlay = map[string][]byte{name: []byte(test.text)}
				} else if err := os.WriteFile(name, []byte(test.text), 0o666); err != nil {
					t.Fatal(err)
				}
				p := mustLoad(t, cfg).Packages[0]
				f := p.Files[0]
				if string(f.Content) != test.content {
					t.Errorf("content %q, want %q", f.Content, test.content)
				}
				if f.CRLF != test.crlf || f.BOM != test.bom || f.Fixed != test.fixed {
					t.Errorf("CRLF %v, BOM %v, fixed %q, want %v, %v, %q", f.CRLF, f.BOM, f.Fixed, test.crlf, test.bom, test.fixed)
				}
				S := p.Types.Scope().Lookup("S")
				if S == nil {
					t.Fatal("S is not declared")
				}
				if at := p.Fset.Position(S.Pos()).Offset; f.Content[at] != 'S' {
					t.Errorf("the position of S has offset %d, which is %q", at, f.Content[at:at+1])
				}
				if back := restore(f.Content, f.CRLF, f.BOM); f.Fixed == "" && back != test.text {
					t.Errorf("put back, the text is %q, want %q", back, test.text)
				}
			})
		}
	}
}

func restore(content []byte, lines, mark bool) string {
	text := string(content)
	if lines {
		text = crlf(text)
	}
	if mark {
		text = bom + text
	}
	return text
}

// TestOverlayIsCopied checks that the result does not retain the caller's overlay.
func TestOverlayIsCopied(t *testing.T) {
	dir := module(t, "-- m.go --\npackage m\n")
	text := []byte("package m // unsaved\n")
	p := mustLoad(t, load.Config{Dir: dir, Overlay: map[string][]byte{filepath.Join(dir, "m.go"): text}}).Packages[0]
	copy(text, "XXXXXXX")
	if !bytes.HasPrefix(p.Files[0].Content, []byte("package m // unsaved")) {
		t.Errorf("content %q", p.Files[0].Content)
	}
}

func TestOverlay(t *testing.T) {
	const src = `
-- m.go --
package m
-- a/a.go --
package a

func F() int { return 1 }
-- b/b.go --
package b

import "example.com/m/a"

var X int = a.F()
`
	tests := []struct {
		name    string
		overlay map[string]string
		args    string
		want    string
	}{
		{"a new import", map[string]string{"m.go": "package m\n\nimport (\n\t\"example.com/m/a\"\n\t\"mime\"\n)\n\nvar X, _ = a.F(), mime.TypeByExtension\n"},
			".", "example.com/m\n\tmodule example.com/m go1.25\n\t$DIR/m.go\n"},
		{"an import, changed too", map[string]string{
			"m.go":   "package m\n\nimport \"example.com/m/b\"\n\nvar X string = b.Y\n",
			"b/b.go": "package b\n\nvar Y string\n"},
			".", "example.com/m\n\tmodule example.com/m go1.25\n\t$DIR/m.go\n"},
		{"an import changed to what does not fit", map[string]string{"a/a.go": "package a\n\nfunc F() string { return \"\" }\n"},
			"./b", "problem: loading example.com/m/b: skipped, it does not type-check: b/b.go:5:13: cannot use a.F() (value of type string) as int value in variable declaration; run go vet example.com/m/b to see all errors\n"},
		{"an import changed to what does not parse", map[string]string{"a/a.go": "package a\n\nfunc F() int {\n"},
			"./b", "problem: loading example.com/m/b: skipped, it imports example.com/m/a, which has errors outside function bodies; run go vet example.com/m/b to see all errors\n"},
		{"a type error", map[string]string{"m.go": crlf("package m\n\nvar x int = \"\"\n")},
			".", "problem: loading example.com/m: skipped, it does not type-check: m.go:3:13: cannot use \"\" (untyped string constant) as int value in variable declaration; run go vet example.com/m to see all errors\n"},
		{"a bad package clause", map[string]string{"m.go": "pack m\n"},
			".", "problem: loading example.com/m: skipped, it does not parse: m.go:1:1: expected 'package', found pack; run go vet example.com/m to see all errors\n"},
		{"an import that is missing", map[string]string{"m.go": "package m\n\nimport _ \"example.com/m/none\"\n"},
			".", "example.com/m\n\tmodule example.com/m go1.25\n\t$DIR/m.go\nproblem: loading example.com/m: analysed without all types: m.go:3:10: cannot import example.com/m/none: no required module provides package example.com/m/none\n"},
		{"a new file", map[string]string{"new.go": "package m\n\nimport \"example.com/m/a\"\n\nvar X = a.F()\n"},
			".", "example.com/m\n\tmodule example.com/m go1.25\n\t$DIR/m.go\n\t$DIR/new.go\n"},
		{"a new package", map[string]string{"new/new.go": bom + "package new\n"},
			"./new", "example.com/m/new\n\tmodule example.com/m go1.25\n\t$DIR/new/new.go\n"},
		{"a new file by name", map[string]string{"new.go": "package m\n"},
			"new.go", "command-line-arguments\n\t$DIR/new.go\n"},
		{"a build constraint", map[string]string{"m.go": "//go:build never\n\npackage m\n"},
			"./...", "example.com/m/a\n\tmodule example.com/m go1.25\n\t$DIR/a/a.go\nexample.com/m/b\n\tmodule example.com/m go1.25\n\t$DIR/b/b.go\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, src)
			cfg := load.Config{Dir: dir, Env: testEnv(), Overlay: make(map[string][]byte)}
			for name, text := range test.overlay {
				cfg.Overlay[filepath.Join(dir, filepath.FromSlash(name))] = []byte(text)
			}
			res, err := load.Load(cfg, test.args)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			dumpResult(&b, res)
			if got := strings.ReplaceAll(b.String(), dir+string(filepath.Separator), "$DIR/"); got != test.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}

// TestOverlayCgo checks that the overlay of a file that imports "C" goes through the cgo
// command, and that its name and positions are still those of the file.
func TestOverlayCgo(t *testing.T) {
	needCgo(t)
	dir := module(t, "-- c.go --\npackage m\n-- go.go --\npackage m\n")
	name := filepath.Join(dir, "c.go")
	text := "package m\n\n// static int f() { return 1; }\nimport \"C\"\n\nvar X = C.f()\n"
	p := mustLoad(t, load.Config{Dir: dir, Overlay: map[string][]byte{name: []byte(text)}}).Packages[0]
	f := fileNamed(t, p, "c.go")
	if f.Name != name || f.Fixed != "cgo" {
		t.Errorf("file %s, fixed %q", f.Name, f.Fixed)
	}
	X := p.Types.Scope().Lookup("X")
	if X == nil {
		t.Fatal("X is not declared")
	}
	if pos := p.Fset.Position(X.Pos()).String(); pos != name+":6:5" {
		t.Errorf("X is declared at %s", pos)
	}
	bad := strings.Replace(text, "var X", "var X string", 1)
	res, err := load.Load(load.Config{Dir: dir, Env: testEnv(), Overlay: map[string][]byte{name: []byte(bad)}})
	if err != nil || len(res.Problems) != 1 || res.Problems[0].Pos != "c.go:6:16" {
		t.Errorf("got %+v, %v, want a problem at c.go:6:16", res, err)
	}
}

func TestOverlayRelative(t *testing.T) {
	_, err := load.Load(load.Config{Overlay: map[string][]byte{"m.go": nil}})
	if err == nil || !strings.Contains(err.Error(), "m.go: the path must be absolute") {
		t.Errorf("got %v", err)
	}
}
