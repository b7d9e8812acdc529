package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
)

// TestExplainStd lays out every section of some packages of the standard
// library: nothing crashes, no line is too wide or ends with a space, and every
// line of the section that waits is shown.
func TestExplainStd(t *testing.T) {
	packages := []string{"database/sql", "os/exec", "go/token", "testing", "net/http"}
	opts, err := app.ParseArgs(append([]string{"-l"}, packages[:longtest.Of(t, 4, 5)]...))
	if err != nil {
		t.Fatal(err)
	}
	a := &command{&app.App{Opts: opts, Dir: ".", Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer)}}
	a.Bar = app.NewProgress(a.Stderr)
	p, err := outcome.Load(t.Context(), a.App, a.Dir, opts.Args)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, q := range p.Packages {
		found := make(map[int]*finding.Finding)
		for _, f := range find.In(p.Program, q, waits.Options{Categories: app.CategoryNames()}) {
			found[int(f.Section.Pos())] = f
		}
		for _, s := range locks.SectionsIn(p.Program, q) {
			f := found[int(s.Pos())]
			if f == nil {
				f = &finding.Finding{Section: s, Guarded: guards.GuardedBy(p.Program, q, s.LockVar())}
			}
			count++
			for _, width := range []string{"40", "100"} {
				t.Setenv("COLUMNS", width)
				checkExplanation(t, a, f)
			}
		}
	}
	if count < 15*len(opts.Args) {
		t.Errorf("only %d sections", count)
	}
}

func checkExplanation(t *testing.T, a *command, f *finding.Finding) {
	t.Helper()
	width, _ := app.Columns(a.Stdout)
	text := explanation.Explanation(a.App, &rewrite.Entry{Finding: f})
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		long := utf8.RuneCountInString(line) > width && strings.Contains(strings.TrimSpace(line), " ")
		if long && !strings.Contains(line, "┃") && !fitsNot(line, width) || strings.HasSuffix(line, " ") {
			t.Errorf("%s at width %d: %q", f.Position(), width, line)
		}
	}
	for i, o := range f.Ops {
		number := fmt.Sprintf("  %d waits", f.Section.Unit.Position(o.Pos()).Line)
		if !strings.Contains(text, number) && o.Pos() != f.Section.Pos() {
			t.Errorf("%s: wait %d is not shown:\n%s", f.Position(), i, text)
		}
	}
}

// fitsNot reports whether the last word of a line alone is too long for what
// stands before it: then it cannot be broken.
func fitsNot(line string, width int) bool {
	last := strings.LastIndexByte(line, ' ')
	return utf8.RuneCountInString(line[:last]) <= width
}

func TestWrap(t *testing.T) {
	p := &app.Page{Width: 20}
	p.Wrap("  a: ", app.Plain("one two"), app.Span{Colour: app.Red, Text: " three"}, app.Plain("; four averyveryverylongword five"), app.Plain(""), app.Plain(" six"))
	want := "  a: one two three;\n     four\n     averyveryverylongword\n     five six\n"
	if p.String() != want {
		t.Errorf("got\n%swant\n%s", p, want)
	}
	p = &app.Page{Width: 20, Colours: true}
	p.Wrap("", app.Span{Colour: app.Red, Text: "one"}, app.Plain("; two"))
	if want := "\x1b[31mone\x1b[0m; two\n"; p.String() != want {
		t.Errorf("%q, want %q", p, want)
	}
}

func TestTable(t *testing.T) {
	p := &app.Page{Width: 20}
	p.Table(app.Table{Indent: " ", Widest: 4, Rows: []app.TableRow{
		{Label: app.Span{Colour: "", Text: "a"}, Prose: []app.Span{app.Plain("one two three four five")}},
		{Label: app.Span{Colour: "", Text: "bcd"}, Prose: []app.Span{app.Plain("one")}},
		{Label: app.Span{Colour: "", Text: "toolong"}, Prose: []app.Span{app.Plain("two")}},
	}})
	want := " a    one two three\n      four five\n bcd  one\n toolong\n      two\n"
	if p.String() != want {
		t.Errorf("got\n%swant\n%s", p, want)
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"short", []string{"short"}},
		{"some words that are too many for it", []string{"some words that are", "too many for it"}},
		{strings.Repeat("x", 45), []string{strings.Repeat("x", 20), strings.Repeat("x", 18), strings.Repeat("x", 7)}},
		{"a " + strings.Repeat("ä", 30), []string{"a " + strings.Repeat("ä", 18), strings.Repeat("ä", 12)}},
	} {
		if got := app.Cut(test.text, 3); strings.Join(got, "|") != strings.Join(test.want, "|") {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

func TestExpand(t *testing.T) {
	text, columnOf := app.Expand("\tä\tx")
	if text != "    ä   x" || fmt.Sprint(columnOf) != "[0 4 4 5 8 9]" {
		t.Errorf("%q %v", text, columnOf)
	}
}
