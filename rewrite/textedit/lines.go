package textedit

import (
	"bytes"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// maxLines is the number of differing lines on one side above which two texts are no longer
// compared line by line. The comparison takes time in proportion to the product of both
// sides: measured, 0.2 s for 5,000 lines and 3.5 s for 20,000 if all of them differ.
const maxLines = 10_000

// Lines returns edits of whole lines that turn old into new, in order, with unchanged
// lines between any two of them. It changes as few lines as the comparison finds; the
// result depends only on the two texts.
func Lines(old, new []byte) []Edit {
	var out []Edit
	at := 0
	for _, c := range compare(old, new) {
		end := at + len(c.del)
		if c.del != "" || c.ins != "" {
			out = append(out, Edit{Start: at, End: end, New: c.ins})
		}
		at = end + len(c.keep)
	}
	return out
}

// A change is a run of deleted lines, a run of inserted lines at its place,
// and the lines after both that stay. Lines keep their line ends.
type change struct{ del, ins, keep string }

// compare returns the changes from old to new. All but the first and the last
// delete or insert something and keep something.
func compare(old, new []byte) []change {
	head := commonHead(old, string(new))
	if bytes.Equal(old, new) {
		return []change{{keep: string(old)}}
	}
	a, b := old[head:], string(new[head:])
	tail := commonTail(a, b)
	keep := string(a[len(a)-tail:])
	a, b = a[:len(a)-tail], b[:len(b)-tail]

	out := []change{{keep: string(old[:head])}}
	if lines(string(a)) > maxLines || lines(b) > maxLines {
		return append(out, change{string(a), b, keep})
	}
	for _, c := range diff(string(a), b) {
		if last := &out[len(out)-1]; c.del == "" && c.ins == "" {
			last.keep += c.keep
			continue
		}
		out = append(out, c)
	}
	out[len(out)-1].keep += keep
	return out
}

// diff compares two texts line by line.
func diff(a, b string) []change {
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // a timeout would make the result depend on the machine
	x, y, table := dmp.DiffLinesToRunes(a, b)
	diffs := dmp.DiffCharsToLines(dmp.DiffMainRunes(x, y, false), table)
	out := []change{{}}
	for _, d := range diffs {
		last := &out[len(out)-1]
		switch {
		case d.Type == diffmatchpatch.DiffEqual:
			last.keep += d.Text
		case last.keep != "":
			out = append(out, change{})
			last = &out[len(out)-1]
			fallthrough
		default:
			if d.Type == diffmatchpatch.DiffDelete {
				last.del += d.Text
			} else {
				last.ins += d.Text
			}
		}
	}
	return out
}

// lines counts the lines of a text; the last one may lack its line end.
func lines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}
