// Package textedit represents edits to the bytes of a file. It applies and
// minimizes them, prints them as a unified diff, and writes changed files to
// disk.
//
// It knows only bytes and lines. A line ends in '\n'. A carriage return before
// that is part of the line, so files with CR LF line endings keep them.
package textedit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// An Edit replaces the bytes [Start,End) of a file with New. Start and End are
// byte offsets into the original file, regardless of other edits applied with
// it. An edit with Start == End is an insertion.
type Edit struct {
	Start, End int
	New        string
}

// Apply returns a copy of src with the edits applied. The order of edits does
// not matter, except that insertions at the same offset are made in the order
// given. They come before a replacement that starts there. Apply returns an
// error if two edits overlap or one is out of range. It does not modify src or
// edits.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	sorted := sortEdits(edits)
	size := len(src)
	for i, e := range sorted {
		if e.Start < 0 || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("edit [%d,%d) is outside of the file's %d bytes", e.Start, e.End, len(src))
		}
		if i > 0 && e.Start < sorted[i-1].End {
			p := sorted[i-1]
			return nil, fmt.Errorf("edits [%d,%d) and [%d,%d) overlap", p.Start, p.End, e.Start, e.End)
		}
		size += len(e.New) - (e.End - e.Start)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, e := range sorted {
		out = append(out, src[at:e.Start]...)
		out = append(out, e.New...)
		at = e.End
	}
	return append(out, src[at:]...), nil
}

// sortEdits returns the edits sorted by offset. Insertions come before a
// replacement at the same offset and keep their relative order.
func sortEdits(edits []Edit) []Edit {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return min(a.End-a.Start, 1) - min(b.End-b.Start, 1)
	})
	return sorted
}

// Trim removes unchanged whole lines from the start and end of each edit, and
// drops edits that change nothing. The edits must lie within src. The result
// keeps the order of edits and has the same effect.
func Trim(src []byte, edits []Edit) []Edit {
	var out []Edit
	for _, e := range edits {
		old := src[e.Start:e.End]
		if string(old) == e.New {
			continue
		}
		head := commonHead(old, e.New)
		tail := commonTail(old[head:], e.New[head:])
		out = append(out, Edit{
			Start: e.Start + head,
			End:   e.End - tail,
			New:   e.New[head : len(e.New)-tail],
		})
	}
	return out
}

// commonHead returns the length of the longest common prefix that consists of
// whole lines.
func commonHead(a []byte, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	return bytes.LastIndexByte(a[:i], '\n') + 1
}

// commonTail returns the length of the longest common suffix that begins at the
// start of a line in both texts. The texts themselves begin at the start of a
// line.
func commonTail(a []byte, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	// The common suffix begins a line if it is preceded by a newline or by
	// nothing.
	for ; i > 0; i-- {
		pa, pb := len(a)-i, len(b)-i
		if (pa == 0 || a[pa-1] == '\n') && (pb == 0 || b[pb-1] == '\n') {
			return i
		}
		// Skip to the next newline in the common suffix.
		next := strings.IndexByte(b[pb:], '\n')
		if next < 0 {
			return 0
		}
		i -= next
	}
	return 0
}
