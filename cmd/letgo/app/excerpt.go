package app

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/patterns"
)

// A Note is a remark on a piece of one line of source.
type Note struct {
	Line       int
	Start, End int // byte columns from 0; end is at most the length of the line
	Text       string
	Colour     Colour
}

// NoteAt makes a note about a node, as far as it is on the line where it begins.
func NoteAt(u *patterns.Unit, lines []string, start, end token.Pos, c Colour, text string) Note {
	from, to := u.Position(start), u.Position(end)
	n := Note{Line: from.Line, Start: from.Column - 1, End: to.Column - 1, Text: text, Colour: c}
	if from.Line < 1 || from.Line > len(lines) {
		return n
	}
	if length := len(strings.TrimRight(lines[from.Line-1], " \t")); to.Line != from.Line || n.End > length {
		n.End = length
	}
	n.End = max(n.End, n.Start+1)
	return n
}

// ExtentOf returns the end of what a position refers to: the largest operand that
// begins there, or the statement's first word.
func ExtentOf(f *patterns.File, pos token.Pos) token.Pos {
	end := pos + 1
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if n == nil || pos < n.Pos() || pos >= n.End() {
			return false
		}
		switch e := n.(type) {
		case *ast.BinaryExpr, *ast.KeyValueExpr:
		case *ast.AssignStmt:
			if n.Pos() == pos && e.Tok == token.DEFINE {
				end = n.End()
			}
		case *ast.SendStmt, *ast.ReturnStmt, *ast.GoStmt, *ast.DeferStmt, *ast.IncDecStmt:
			if n.Pos() == pos {
				end = n.End()
			}
		case ast.Expr:
			if e.Pos() == pos && e.End() > end {
				end = e.End()
			}
		}
		return true
	})
	return end
}

// Expand replaces tabs by spaces up to the next multiple of four columns and
// returns the column at which each byte of the line then stands.
func Expand(line string) (text string, columnOf []int) {
	var b strings.Builder
	column := 0
	for _, r := range line {
		for range utf8.RuneLen(r) {
			columnOf = append(columnOf, column)
		}
		if r == '\t' {
			n := 4 - column%4
			b.WriteString(strings.Repeat(" ", n))
			column += n
			continue
		}
		b.WriteRune(r)
		column++
	}
	return b.String(), append(columnOf, column)
}

// An Excerpt prints lines of source, with the state of the lock to their left and notes
// below them.
type Excerpt struct {
	page   *Page
	Lines  []SourceLine
	notes  []Note
	number int  // width of the line numbers
	margin int  // columns that all lines begin with, and that are left out
	bare   bool // nothing stands at the left of the lines but a stroke
}

// The words and colours of the marks of lines.
var markColours = map[string]Colour{markLock: Green, markFree: Green, markWaits: Red}

func (p *Page) Excerpt(lines []SourceLine, notes []Note) {
	e := &Excerpt{page: p, Lines: lines, notes: notes, margin: -1, bare: true}
	for _, l := range lines {
		e.bare = e.bare && l.Mark == ""
		e.number = max(e.number, len(fmt.Sprint(l.Line)))
		if text, _ := Expand(l.Text); strings.TrimSpace(text) != "" {
			indent := len(text) - len(strings.TrimLeft(text, " "))
			if e.margin < 0 || indent < e.margin {
				e.margin = indent
			}
		}
	}
	e.margin = max(e.margin, 0)
	shown := e.Choose()
	for i := 0; i < len(lines); {
		if shown[i] {
			if i > 0 && lines[i].Line > lines[i-1].Line+1 {
				p.Put(Plain("  %*s       ", e.number, ""), Span{Dim, fmt.Sprintf("   ... %s", Plural(lines[i].Line-lines[i-1].Line-1, "line"))})
			}
			e.print(i)
			i++
			continue
		}
		j := i
		for j < len(lines) && !shown[j] {
			j++
		}
		e.gap(i, j)
		i = j
	}
}

// shortExcerpt is how many lines are shown in any case, and nearby how many
// are shown before and after those that matter.
const (
	shortExcerpt = 24
	nearby       = 2
)

// Choose says which lines are shown: all of a short excerpt, and of a long one those
// near the ones that matter.
func (e *Excerpt) Choose() []bool {
	shown := make([]bool, len(e.Lines))
	for i, l := range e.Lines {
		matters := l.Mark != "" && l.Mark != markHeld || l.Head ||
			slices.ContainsFunc(e.notes, func(n Note) bool { return n.Line == l.Line })
		around := nearby
		if l.Head {
			around = 0
		}
		for j := max(0, i-around); matters && j <= min(len(shown)-1, i+around); j++ {
			shown[j] = true
		}
		if len(e.Lines) <= shortExcerpt {
			shown[i] = true
		}
	}
	for i := range shown { // a gap of one line saves nothing
		if !shown[i] && (i == 0 || shown[i-1]) && (i == len(shown)-1 || shown[i+1]) {
			shown[i] = true
		}
	}
	return shown
}

// bar is what stands left of line i: the stroke that runs along the lock's
// extent.
func (e *Excerpt) bar(i int) string {
	held := func(j int) bool { return j >= 0 && j < len(e.Lines) && e.Lines[j].Mark != "" }
	switch e.Lines[i].Mark {
	case "":
		return " "
	case markLock:
		return "╭"
	case markFree:
		if held(i + 1) {
			return "├"
		}
		return "╰"
	case markWaits:
		return "┃"
	}
	return "│"
}

// print prints line i and the notes on it.
func (e *Excerpt) print(i int) {
	l := e.Lines[i]
	text, columnOf := Expand(l.Text)
	if len(text) > e.margin {
		text = text[e.margin:]
	} else {
		text = ""
	}
	first, after := e.left(i)
	room := e.room()
	for k, part := range Cut(strings.TrimRight(text, " "), room) {
		if k == 0 {
			e.page.Put(Trimmed(append(first, Plain("  %s", part)))...)
		} else {
			e.page.Put(append(after, Plain("    %s", part))...)
		}
	}
	for _, n := range e.notes {
		if n.Line != l.Line || n.End >= len(columnOf) {
			continue
		}
		from, to := columnOf[n.Start]-e.margin, columnOf[n.End]-e.margin
		if from < 0 || to > room {
			from, to = 0, 0
		}
		lead := append(slices.Clone(after), Plain("  %s", strings.Repeat(" ", from)), Span{n.Colour, strings.Repeat("^", to-from)})
		e.remark(lead, n)
	}
}

// left returns what stands left of line i, and left of what belongs to it on
// the lines below.
func (e *Excerpt) left(i int) (first, after []Span) {
	l := e.Lines[i]
	if e.bare {
		return []Span{{Dim, fmt.Sprintf("    %*d │", e.number, l.Line)}}, []Span{{Dim, fmt.Sprintf("    %*s │", e.number, "")}}
	}
	word, c := l.Mark, markColours[l.Mark]
	if l.Mark == markHeld {
		word, c = "", Cyan
	}
	first = []Span{{Dim, fmt.Sprintf("  %*d ", e.number, l.Line)}, {c, Pad(word, 5) + " " + e.bar(i)}}
	return first, []Span{Plain("  %*s       ", e.number, ""), {Cyan, e.below(i)}}
}

// remark prints a note below its line, after the lead, or if there is no room
// on a line of its own.
func (e *Excerpt) remark(lead []Span, n Note) {
	var width int
	for _, s := range lead {
		width += utf8.RuneCountInString(s.Text)
	}
	left := lead[:len(lead)-2]
	if fits := e.page.Wide || width+1+utf8.RuneCountInString(n.Text) <= e.page.Width; fits || n.Text == "" {
		e.page.Put(Trimmed(append(lead, Span{n.Colour, " " + n.Text}))...)
		return
	}
	if n.End > n.Start && lead[len(lead)-1].Text != "" {
		e.page.Put(lead...)
	}
	for _, part := range Cut(n.Text, e.room()-2) {
		e.page.Put(append(left[:len(left):len(left)], Plain("  "), Span{n.Colour, part})...)
	}
}

// room is how many columns there are for the text of a line.
func (e *Excerpt) room() int {
	if e.page.Wide {
		return 1 << 20
	}
	return e.page.Width - e.number - 13
}

// Trimmed removes the spaces at the end of a line.
func Trimmed(spans []Span) []Span {
	for n := len(spans) - 1; n >= 0; n-- {
		spans[n].Text = strings.TrimRight(spans[n].Text, " ")
		if spans[n].Text != "" {
			return spans[:n+1]
		}
	}
	return nil
}

// below is the stroke between line i and the next one.
func (e *Excerpt) below(i int) string {
	if m := e.Lines[i].Mark; m == "" || i+1 >= len(e.Lines) || e.Lines[i+1].Mark == "" || e.bar(i) == "╰" {
		return " "
	}
	return "│"
}

// gap stands for the lines from i up to j.
func (e *Excerpt) gap(i, j int) {
	held := !slices.ContainsFunc(e.Lines[i:j], func(l SourceLine) bool { return l.Mark == "" })
	bar, what := " ", Plural(j-i, "line")
	if held {
		bar, what = "┆", what+" under the lock"
	}
	e.page.Put(Plain("  %*s       ", e.number, ""), Span{Cyan, bar}, Span{Dim, "  ... " + what})
}

// Cut cuts a text into pieces of at most n columns, but at least one: at a
// space if there is one not too far to the left.
func Cut(s string, n int) []string {
	n = max(n, 20)
	var out []string
	for r := []rune(s); ; {
		if len(r) <= n {
			return append(out, string(r))
		}
		at := n
		for i := n; i > n/2; i-- {
			if r[i] == ' ' {
				at = i
				break
			}
		}
		out = append(out, string(r[:at]))
		r = []rune(strings.TrimLeft(string(r[at:]), " "))
		n = max(n-2, 18) // the rest is indented
	}
}
