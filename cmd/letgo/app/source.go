package app

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// A SourceLine is one line of the source of a section.
type SourceLine struct {
	Line int    `json:"line"`
	Text string `json:"text"`
	Mark string `json:"mark"` // what the lock does on the line

	Head bool `json:"-"` // a statement around a wait begins on it
}

// The marks of lines, the strongest first.
const (
	markLock  = "lock"  // the lock is taken
	markWaits = "waits" // something waits
	markFree  = "free"  // the lock is released
	markHeld  = "held"  // the lock is held
)

var markOrder = []string{"", markHeld, markFree, markWaits, markLock}

// Marks returns the state of a section's lock on each line of its file.
func Marks(s *locks.Section, ops []*waits.Op) map[int]string {
	m := make(map[int]string)
	set := func(pos token.Pos, mark string) {
		line := s.Unit.Position(pos).Line
		if slices.Index(markOrder, mark) > slices.Index(markOrder, m[line]) {
			m[line] = mark
		}
	}
	for _, n := range s.Nodes {
		end := n.End()
		if r, ok := n.(*ast.RangeStmt); ok {
			end = r.Body.Pos()
		}
		for l := s.Unit.Position(n.Pos()).Line; l <= s.Unit.Position(end-1).Line; l++ {
			if m[l] == "" {
				m[l] = markHeld
			}
		}
	}
	set(s.Pos(), markLock)
	for _, r := range s.Releases {
		if r.Deferred {
			set(r.Call.Pos(), markHeld)
			set(s.Unit.Body.Rbrace, markFree)
		} else {
			set(r.Call.Pos(), markFree)
		}
	}
	for _, o := range ops {
		set(o.Pos(), markWaits)
	}
	fillMarks(s, m)
	return m
}

// fillMarks marks lines that have no statement of their own, such as closing
// braces and comments, if the lines around them are held.
func fillMarks(s *locks.Section, m map[int]string) {
	last := 0
	for l := range m {
		last = max(last, l)
	}
	jumps := make(map[int]bool) // continue and the like are edges of the graph, not nodes
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok {
			jumps[s.Unit.Position(b.Pos()).Line] = true
		}
		return true
	})
	lines := strings.Split(string(s.Unit.File.Content), "\n")
	for l := s.Position().Line + 1; l < min(last, len(lines)); l++ {
		before := m[l-1]
		if m[l] == "" && before != "" && before != markFree && (jumps[l] || isFiller(lines[l-1])) {
			m[l] = markHeld
		}
	}
}

// isFiller reports whether a line has nothing on it that is executed.
func isFiller(line string) bool {
	text := strings.TrimSpace(line)
	return strings.Trim(text, "{}()") == "" || strings.HasPrefix(text, "//") ||
		text == "} else {" || text == "select {" || text == "default:"
}

// around is how many lines are shown before and after the lines of a section.
const around = 2

// SourceOf returns the lines of a section and some around it, within its function.
func SourceOf(s *locks.Section, ops []*waits.Op) []SourceLine {
	m := Marks(s, ops)
	first := s.Position().Line
	last := first
	for l := range m {
		first, last = min(first, l), max(last, l)
	}
	first, last = first-around, last+around
	if d := s.Unit.Decl; d != nil {
		first = max(first, s.Unit.Position(d.Pos()).Line)
		last = min(last, s.Unit.Position(d.End()).Line)
	}
	lines := strings.Split(string(s.Unit.File.Content), "\n")
	heads := headsOf(s, ops)
	var out []SourceLine
	for l := max(first, 1); l <= min(last, len(lines)); l++ {
		out = append(out, SourceLine{l, lines[l-1], m[l], heads[l]})
	}
	return out
}

// headsOf returns the lines on which the statements and literals around the
// waits begin, and the function.
func headsOf(s *locks.Section, ops []*waits.Op) map[int]bool {
	heads := make(map[int]bool)
	inside := func(n ast.Node) bool {
		return slices.ContainsFunc(ops, func(o *waits.Op) bool { return n.Pos() <= o.Pos() && o.Pos() < n.End() })
	}
	if s.Unit.Decl != nil {
		heads[s.Unit.Position(s.Unit.Decl.Type.Func).Line] = true
	}
	ast.Inspect(s.Unit.Body, func(n ast.Node) bool {
		switch n.(type) {
		case nil:
			return false
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt,
			*ast.CaseClause, *ast.CommClause, *ast.FuncLit:
			if inside(n) {
				heads[s.Unit.Position(n.Pos()).Line] = true
			}
		}
		return true
	})
	return heads
}
