package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/patterns"
)

// A note is a remark on a piece of one line of source.
type note struct {
	line       int
	start, end int // byte columns from 0; end is at most the length of the line
	text       string
	colour     colour
}

// noteAt makes a note on a node, as far as it stands on the line it begins on.
func noteAt(u *patterns.Unit, lines []string, start, end token.Pos, c colour, text string) note {
	from, to := u.Position(start), u.Position(end)
	n := note{line: from.Line, start: from.Column - 1, end: to.Column - 1, text: text, colour: c}
	if from.Line < 1 || from.Line > len(lines) {
		return n
	}
	if length := len(strings.TrimRight(lines[from.Line-1], " \t")); to.Line != from.Line || n.end > length {
		n.end = length
	}
	n.end = max(n.end, n.start+1)
	return n
}

// extentOf returns the end of what a position means: of the largest operand
// that begins there, or of the statement's first word.
func extentOf(f *patterns.File, pos token.Pos) token.Pos {
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

// expand replaces tabs by spaces up to the next multiple of four columns and
// returns the column at which each byte of the line then stands.
func expand(line string) (text string, columnOf []int) {
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

// excerpt prints lines of source with what the lock does at their left and
// notes below them.
type excerpt struct {
	page   *page
	lines  []sourceLine
	notes  []note
	number int  // width of the line numbers
	margin int  // columns that all lines begin with, and that are left out
	bare   bool // nothing stands at the left of the lines but a stroke
}

// The words and colours of the marks of lines.
var markColours = map[string]colour{markLock: green, markFree: green, markWaits: red}

func (p *page) excerpt(lines []sourceLine, notes []note) {
	e := &excerpt{page: p, lines: lines, notes: notes, margin: -1, bare: true}
	for _, l := range lines {
		e.bare = e.bare && l.Mark == ""
		e.number = max(e.number, len(fmt.Sprint(l.Line)))
		if text, _ := expand(l.Text); strings.TrimSpace(text) != "" {
			indent := len(text) - len(strings.TrimLeft(text, " "))
			if e.margin < 0 || indent < e.margin {
				e.margin = indent
			}
		}
	}
	e.margin = max(e.margin, 0)
	shown := e.choose()
	for i := 0; i < len(lines); {
		if shown[i] {
			if i > 0 && lines[i].Line > lines[i-1].Line+1 {
				p.put(plain("  %*s       ", e.number, ""), span{dim, fmt.Sprintf("   ... %s", plural(lines[i].Line-lines[i-1].Line-1, "line"))})
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

// choose says which lines are shown: all of a short excerpt, and in a long one
// those near the ones that matter.
func (e *excerpt) choose() []bool {
	shown := make([]bool, len(e.lines))
	for i, l := range e.lines {
		matters := l.Mark != "" && l.Mark != markHeld || l.head ||
			slices.ContainsFunc(e.notes, func(n note) bool { return n.line == l.Line })
		around := nearby
		if l.head {
			around = 0
		}
		for j := max(0, i-around); matters && j <= min(len(shown)-1, i+around); j++ {
			shown[j] = true
		}
		if len(e.lines) <= shortExcerpt {
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
func (e *excerpt) bar(i int) string {
	held := func(j int) bool { return j >= 0 && j < len(e.lines) && e.lines[j].Mark != "" }
	switch e.lines[i].Mark {
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
func (e *excerpt) print(i int) {
	l := e.lines[i]
	text, columnOf := expand(l.Text)
	if len(text) > e.margin {
		text = text[e.margin:]
	} else {
		text = ""
	}
	first, after := e.left(i)
	room := e.room()
	for k, part := range cut(strings.TrimRight(text, " "), room) {
		if k == 0 {
			e.page.put(trimmed(append(first, plain("  %s", part)))...)
		} else {
			e.page.put(append(after, plain("    %s", part))...)
		}
	}
	for _, n := range e.notes {
		if n.line != l.Line || n.end >= len(columnOf) {
			continue
		}
		from, to := columnOf[n.start]-e.margin, columnOf[n.end]-e.margin
		if from < 0 || to > room {
			from, to = 0, 0
		}
		lead := append(slices.Clone(after), plain("  %s", strings.Repeat(" ", from)), span{n.colour, strings.Repeat("^", to-from)})
		e.remark(lead, n)
	}
}

// left returns what stands left of line i, and left of what belongs to it on
// the lines below.
func (e *excerpt) left(i int) (first, after []span) {
	l := e.lines[i]
	if e.bare {
		return []span{{dim, fmt.Sprintf("    %*d │", e.number, l.Line)}}, []span{{dim, fmt.Sprintf("    %*s │", e.number, "")}}
	}
	word, c := l.Mark, markColours[l.Mark]
	if l.Mark == markHeld {
		word, c = "", cyan
	}
	first = []span{{dim, fmt.Sprintf("  %*d ", e.number, l.Line)}, {c, pad(word, 5) + " " + e.bar(i)}}
	return first, []span{plain("  %*s       ", e.number, ""), {cyan, e.below(i)}}
}

// remark prints a note below its line, after the lead, or if there is no room
// on a line of its own.
func (e *excerpt) remark(lead []span, n note) {
	var width int
	for _, s := range lead {
		width += utf8.RuneCountInString(s.text)
	}
	left := lead[:len(lead)-2]
	if fits := e.page.wide || width+1+utf8.RuneCountInString(n.text) <= e.page.width; fits || n.text == "" {
		e.page.put(trimmed(append(lead, span{n.colour, " " + n.text}))...)
		return
	}
	if n.end > n.start && lead[len(lead)-1].text != "" {
		e.page.put(lead...)
	}
	for _, part := range cut(n.text, e.room()-2) {
		e.page.put(append(left[:len(left):len(left)], plain("  "), span{n.colour, part})...)
	}
}

// room is how many columns there are for the text of a line.
func (e *excerpt) room() int {
	if e.page.wide {
		return 1 << 20
	}
	return e.page.width - e.number - 13
}

// trimmed takes the spaces off the end of a line.
func trimmed(spans []span) []span {
	for n := len(spans) - 1; n >= 0; n-- {
		spans[n].text = strings.TrimRight(spans[n].text, " ")
		if spans[n].text != "" {
			return spans[:n+1]
		}
	}
	return nil
}

// below is the stroke between line i and the next one.
func (e *excerpt) below(i int) string {
	if m := e.lines[i].Mark; m == "" || i+1 >= len(e.lines) || e.lines[i+1].Mark == "" || e.bar(i) == "╰" {
		return " "
	}
	return "│"
}

// gap stands for the lines from i up to j.
func (e *excerpt) gap(i, j int) {
	held := !slices.ContainsFunc(e.lines[i:j], func(l sourceLine) bool { return l.Mark == "" })
	bar, what := " ", plural(j-i, "line")
	if held {
		bar, what = "┆", what+" under the lock"
	}
	e.page.put(plain("  %*s       ", e.number, ""), span{cyan, bar}, span{dim, "  ... " + what})
}

// cut cuts a text into pieces of at most n columns, but at least one: at a
// space if there is one not too far to the left.
func cut(s string, n int) []string {
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
