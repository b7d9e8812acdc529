package webpage

import (
	"strings"

	"github.com/letgo-dev/letgo/rewrite/textedit"
)

// A File is a rewritten file, side by side.
type File struct {
	Name string
	Rows []Row
}

// A Row is a line before and after. Kind is "" for a line that stays, "change" if both
// exist, "gone", "new", or "gap" for lines that are left out.
type Row struct {
	Kind      string
	OldNumber int
	NewNumber int
	Old, New  string
}

// Rows puts a file before and after a change side by side, with lines of context. The
// edits are of whole lines, and sorted.
func Rows(content string, edits []textedit.Edit, context int) []Row {
	b := &rowBuilder{context: context}
	at := 0
	for _, e := range edits {
		b.keep(split(content[at:e.Start]), at == 0, false)
		b.change(split(content[e.Start:e.End]), split(e.New))
		at = e.End
	}
	b.keep(split(content[at:]), at == 0, true)
	return b.rows
}

func split(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, strings.TrimRight(line, "\r\n"))
	}
	return out
}

type rowBuilder struct {
	context  int
	old, new int // lines so far
	rows     []Row
}

// keep adds lines that stay: those near a change.
func (b *rowBuilder) keep(lines []string, first, last bool) {
	for i, line := range lines {
		b.old++
		b.new++
		after, before := i < b.context && !first, len(lines)-i <= b.context && !last
		switch {
		case after || before:
			b.rows = append(b.rows, Row{OldNumber: b.old, NewNumber: b.new, Old: line, New: line})
		case len(b.rows) > 0 && !last && b.rows[len(b.rows)-1].Kind != "gap":
			b.rows = append(b.rows, Row{Kind: "gap"})
		}
	}
}

// change puts lines that go beside those that come.
func (b *rowBuilder) change(old, new []string) {
	for i := range max(len(old), len(new)) {
		var r Row
		if i < len(old) {
			b.old++
			r.Kind, r.OldNumber, r.Old = "gone", b.old, old[i]
		}
		if i < len(new) {
			b.new++
			if r.Kind == "gone" {
				r.Kind = "change"
			} else {
				r.Kind = "new"
			}
			r.NewNumber, r.New = b.new, new[i]
		}
		b.rows = append(b.rows, r)
	}
}
