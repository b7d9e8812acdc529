package textedit

import (
	"bytes"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// maxLines is the maximum number of lines, not counting a common prefix and
// suffix, to compare line by line. The comparison takes quadratic time: 0.2 s
// for 5,000 lines and 3.5 s for 20,000 lines that all differ.
const maxLines = 10_000

// Lines returns edits of whole lines that turn old into new. They are in order
// and separated by unchanged lines. The result depends only on the two texts.
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

// A change is a run of deleted lines, the lines inserted in their place, and the
// unchanged lines that follow. The lines include their line endings.
type change struct{ del, ins, keep string }

// compare returns the changes from old to new. The first may only keep lines and
// the last may keep none. All others both change and keep something.
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

// lines counts the lines of s, including a last line without a newline.
func lines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}
