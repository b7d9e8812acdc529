package editor_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
)

func itoa(n int) string { return strconv.Itoa(n) }

// An errand types into a file at random.
type errand struct {
	*rand.Rand
	text string
	good []string // texts that compiled
}

// pieces are what is typed: code, halves of code, comments with characters of
// every length in UTF-16, and lines that move all others.
var pieces = []string{
	"\n", "// ü 漢 😀\n", "}\n", "{", "b.mu.Lock()\n", "\tb.n++\n", "time.Sleep(1)\n", "😀", "\r\n", "/*", "*/", "\"", "`", "func ", "x := 1\n",
	"\nfunc (b *Box) Again() {\n\tb.mu.Lock()\n\tdefer b.mu.Unlock()\n\tb.n--\n\ttime.Sleep(2)\n}\n",
	"\nfunc (b *Box) Between() {\n\tb.mu.Lock()\n\tb.n--\n\tb.mu.Unlock()\n\tprintln(\"😀\"); b.mu.Lock(); time.Sleep(2); b.mu.Unlock()\n}\n",
}

// next returns a change: the range that is replaced, and by what.
func (e *errand) next() (lsptest.Range, string) {
	if e.IntN(3) == 0 { // put it right again
		whole := lsptest.Range{End: lsptest.PositionOf(e.text, len(e.text))}
		return whole, e.good[e.IntN(len(e.good))]
	}
	runes := []rune(e.text)
	start := e.IntN(len(runes) + 1)
	if e.IntN(2) == 0 { // at the end of a line
		for start < len(runes) && runes[start] != '\n' {
			start++
		}
		start = min(start+1, len(runes))
	}
	end := start
	if e.IntN(4) == 0 {
		end = min(start+e.IntN(20), len(runes))
	}
	from := lsptest.PositionOf(e.text, len(string(runes[:start])))
	return lsptest.Range{Start: from, End: lsptest.PositionOf(e.text, len(string(runes[:end])))}, pieces[e.IntN(len(pieces))]
}

// TestRandomEdits types a thousand times at random and asks for code actions
// after each. Every edit offered is applied to the text as it is then, and what
// comes out must compile.
func TestRandomEdits(t *testing.T) {
	edits := longtest.Of(t, 100, 1000)
	dir := module(t, map[string]string{"p.go": source})
	file := filepath.Join(dir, "p.go")
	c, _ := start(t, editor.Options{})
	c.Initialize(dir, lsptest.Full())
	c.Open(file, source)
	e := &errand{Rand: rand.New(rand.NewPCG(1, 2)), text: source, good: []string{source}}
	check := checker()
	applied, compiled := 0, 0
	for version := 2; version < edits+2; version++ {
		r, text := e.next()
		before := e.text
		e.text = lsptest.Apply(e.text, []lsptest.TextEdit{{Range: r, NewText: text}})
		c.Edit(file, version, r, text)
		if check(e.text) == nil {
			compiled++
			if len(e.good) < 20 && len(e.text) < 5000 {
				e.good = append(e.good, e.text)
			}
		}
		runes := []rune(e.text)
		at := lsptest.PositionOf(e.text, len(string(runes[:e.IntN(len(runes)+1)])))
		actions, err := c.Actions(file, lsptest.Range{Start: at, End: lsptest.Position{Line: at.Line + e.IntN(30)}})
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		for _, a := range actions {
			if a.Disabled != nil || a.Command != nil {
				continue
			}
			edit, err := c.Resolve(a)
			if code(err) == -32803 { // refused when it was verified
				continue
			}
			if err != nil || edit == nil {
				t.Fatalf("version %d: %s: %v\nbefore %v %q\n%s", version, a.Title, err, r, text, before)
			}
			after := lsptest.Apply(e.text, edit.Edits()[file])
			if err := check(after); err != nil {
				t.Fatalf("version %d: after %s: %v\n%s", version, a.Title, err, after)
			}
			applied++
		}
	}
	t.Logf("%d of %d texts compiled, %d edits were applied", compiled, edits, applied)
	if compiled < edits/5 || applied < edits/5 {
		t.Errorf("the test tests too little")
	}
	if shown := c.Other("window/logMessage"); len(shown) > 0 {
		t.Errorf("the log: %s", shown[0].Params)
	}
}

// checker returns a function that type-checks a file.
func checker() func(string) error {
	fset := token.NewFileSet()
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	return func(text string) error {
		f, err := parser.ParseFile(fset, "p.go", strings.ReplaceAll(text, "\r\n", "\n"), parser.ParseComments)
		if err != nil {
			return err
		}
		_, err = conf.Check("p", fset, []*ast.File{f}, nil)
		return err
	}
}
