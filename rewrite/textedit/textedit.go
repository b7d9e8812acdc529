// Package textedit holds edits to the bytes of a file: applying them, finding
// the smallest ones, printing them as a unified diff, and putting a changed
// file on disk.
//
// It knows bytes and lines only. A line ends in '\n'; a carriage return before
// it is part of the line, so that a file with CR LF line ends keeps them.
package textedit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// An Edit replaces the bytes [Start,End) of a file by New. Offsets are bytes
// into the original file, whatever other edits are applied with it. An edit
// with Start == End is an insertion.
type Edit struct {
	Start, End int
	New        string
}

// Apply returns a copy of src with the edits made. The order of edits does not matter,
// except that insertions at one offset are made in the order given, and all of them
// before a replacement that begins there. It is an error if two edits overlap or if one
// reaches outside src. Neither src nor edits is changed.
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

// sortEdits returns the edits by offset. Insertions come before a replacement
// at the same offset and keep their order among themselves.
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

// Trim shrinks every edit to the lines that differ: whole lines at its ends
// that are the same before and after are left out of it, and an edit that
// changes nothing is dropped. The edits must lie within src. The result is in
// the order of edits and applies to the same bytes.
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

// commonHead returns the length of the longest run of whole lines that both
// texts begin with.
func commonHead(a []byte, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	return bytes.LastIndexByte(a[:i], '\n') + 1
}

// commonTail returns the length of the longest common ending that in both
// texts begins at the start of a line. The texts themselves begin at one.
func commonTail(a []byte, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[len(a)-1-i] == b[len(b)-1-i] {
		i++
	}
	// The first of the i equal bytes begins a line in a if the byte before it
	// is a newline or is not there.
	for ; i > 0; i-- {
		pa, pb := len(a)-i, len(b)-i
		if (pa == 0 || a[pa-1] == '\n') && (pb == 0 || b[pb-1] == '\n') {
			return i
		}
		// Go on at the next newline inside the common ending, at once.
		next := strings.IndexByte(b[pb:], '\n')
		if next < 0 {
			return 0
		}
		i -= next
	}
	return 0
}
