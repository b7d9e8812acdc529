package textedit

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	godiff "github.com/sourcegraph/go-diff/diff"
)

// A File is one changed file.
type File struct {
	Path     string // as printed in the diff: relative and slash-separated
	Old, New []byte // contents with line endings as on disk; Old is nil for a new file
}

// Unified returns the unified diff of files, sorted by path, with the given
// number of context lines. It leaves out unchanged files and prefixes paths
// with a/ and b/. The diff depends only on the arguments.
//
// Both `git apply` and GNU `patch -p1` accept the result and turn Old into
// exactly New. (Without context lines, git needs --unidiff-zero.) There is no
// `diff --git` line: with one, git would resolve paths from the top of the
// repository instead of the current directory, and silently skip files it does
// not find there.
func Unified(files []File, context int) ([]byte, error) {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	var out bytes.Buffer
	for i, f := range files {
		if err := checkPath(f.Path); err != nil {
			return nil, err
		}
		if i > 0 && files[i-1].Path == f.Path {
			return nil, fmt.Errorf("%s appears twice", f.Path)
		}
		if bytes.Equal(f.Old, f.New) {
			continue
		}
		orig := header("a/" + f.Path)
		if f.Old == nil {
			orig = "/dev/null"
		}
		d := &godiff.FileDiff{
			OrigName: orig,
			NewName:  header("b/" + f.Path),
			Hunks:    hunks(compare(f.Old, f.New), max(context, 0)),
		}
		text, err := godiff.PrintFileDiff(d)
		if err != nil {
			return nil, err
		}
		out.Write(text)
	}
	return out.Bytes(), nil
}

func checkPath(p string) error {
	if p == "" || path.IsAbs(p) || p != path.Clean(p) || p == ".." || strings.HasPrefix(p, "../") {
		return fmt.Errorf("%q is not a relative path below the current directory", p)
	}
	if strings.ContainsRune(p, 0) {
		return fmt.Errorf("%q contains a zero byte", p)
	}
	return nil
}

// header returns a name as written after --- or +++. A name that contains
// spaces is followed by a tab; without it GNU patch takes only the first word.
func header(name string) string {
	q := quote(name)
	if q == name && strings.Contains(name, " ") {
		return name + "\t"
	}
	return q
}

// quote quotes a name as a C string, like git, if it contains control
// characters, quotes or backslashes, or ends in a space, which GNU patch would
// drop. Unlike git by default, it keeps non-ASCII bytes.
func quote(name string) string {
	special := func(c byte) bool { return c < ' ' || c == 0x7f || c == '"' || c == '\\' }
	if !slices.ContainsFunc([]byte(name), special) && !strings.HasSuffix(name, " ") {
		return name
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\n':
			b.WriteString(`\n`)
		case special(c):
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// hunks groups changes into hunks with context lines around them. Two changes
// separated by at most 2*context lines share a hunk.
func hunks(changes []change, context int) []*godiff.Hunk {
	var out []*godiff.Hunk
	var h *hunk
	oldLine, newLine := 0, 0 // lines before the current change
	before := ""             // unchanged text directly before it
	for i, c := range changes {
		if c.del == "" && c.ins == "" {
			before = c.keep
			oldLine += lines(c.keep)
			newLine += lines(c.keep)
			continue
		}
		if h == nil {
			head := lastLines(before, context)
			n := lines(head)
			h = &hunk{oldStart: oldLine - n, newStart: newLine - n}
			h.add(' ', head)
		}
		h.add('-', c.del)
		h.add('+', c.ins)
		kept := lines(c.keep)
		oldLine += lines(c.del) + kept
		newLine += lines(c.ins) + kept
		before = c.keep
		if i+1 < len(changes) && kept <= 2*context {
			h.add(' ', c.keep)
			continue
		}
		h.add(' ', firstLines(c.keep, context))
		out = append(out, h.print())
		h = nil
	}
	return out
}

// A hunk is a hunk under construction.
type hunk struct {
	oldStart, newStart int // lines before it
	old, new           int // lines in it
	body               []byte
	noNewline          int // offset in body after an old last line without a newline
}

// add appends lines of one kind: ' ', '-' or '+'.
func (h *hunk) add(kind byte, text string) {
	for line := range strings.Lines(text) {
		h.body = append(h.body, kind)
		h.body = append(h.body, line...)
	}
	n := lines(text)
	if kind != '+' {
		h.old += n
	}
	if kind != '-' {
		h.new += n
	}
	if kind == '-' && n > 0 && !strings.HasSuffix(text, "\n") {
		h.body = append(h.body, '\n')
		h.noNewline = len(h.body)
	}
}

// print returns the hunk for the printer. Its start is the number of its first
// line, or if it has no lines on that side, the number of the line before it.
func (h *hunk) print() *godiff.Hunk {
	start := func(before, n int) int32 {
		if n == 0 {
			return int32(before)
		}
		return int32(before + 1)
	}
	return &godiff.Hunk{
		OrigStartLine:   start(h.oldStart, h.old),
		OrigLines:       int32(h.old),
		OrigNoNewlineAt: int32(h.noNewline),
		NewStartLine:    start(h.newStart, h.new),
		NewLines:        int32(h.new),
		Body:            h.body,
	}
}

// firstLines returns the first n lines of s.
func firstLines(s string, n int) string {
	end := 0
	for ; n > 0; n-- {
		i := strings.IndexByte(s[end:], '\n')
		if i < 0 {
			return s
		}
		end += i + 1
	}
	return s[:end]
}

// lastLines returns the last n lines of s, which ends in a newline.
func lastLines(s string, n int) string {
	start := len(s)
	for ; n > 0 && start > 0; n-- {
		start = strings.LastIndexByte(s[:start-1], '\n') + 1
	}
	return s[start:]
}
