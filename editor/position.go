package editor

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/editor/protocol"
)

// A text is the content of a file as the client has it, with what is needed to
// convert between the three ways to name a place in it: positions of the
// protocol (lines, and UTF-16 code units in them), byte offsets into the text,
// and byte offsets into the same text as package patterns has it, with LF line
// ends and no byte order mark. A text never changes.
type text struct {
	raw     string
	content string // as patterns.File has it
	lines   []int  // offsets in raw at which lines begin
	mark    int    // length of the byte order mark
	returns []int  // offsets in content before which a CR was taken out
	crlf    bool   // every line ends in CR LF
}

const byteOrderMark = "\ufeff"

func newText(raw string) *text {
	t := &text{raw: raw, lines: []int{0}}
	if strings.HasPrefix(raw, byteOrderMark) {
		t.mark = len(byteOrderMark)
	}
	t.content = raw[t.mark:]
	single := strings.IndexByte(raw, '\r') >= 0
	if single {
		t.content = strings.ReplaceAll(t.content, "\r\n", "\n")
	}
	for i := 0; i < len(raw); i++ {
		switch {
		case raw[i] == '\n':
			t.lines = append(t.lines, i+1)
		case raw[i] == '\r' && strings.HasPrefix(raw[i+1:], "\n"):
			t.returns = append(t.returns, i-t.mark-len(t.returns))
		case raw[i] == '\r':
			t.lines = append(t.lines, i+1)
		}
	}
	t.crlf = len(t.returns) > 0 && len(t.returns) == strings.Count(raw, "\n")
	return t
}

// rawOffset converts an offset into content to one into raw.
func (t *text) rawOffset(content int) int {
	content = min(max(content, 0), len(t.content))
	return content + t.mark + sort.SearchInts(t.returns, content)
}

// contentOffset converts an offset into raw to one into content.
func (t *text) contentOffset(raw int) int {
	before := sort.Search(len(t.returns), func(i int) bool { return t.returns[i]+i+t.mark >= raw })
	return min(max(raw-t.mark-before, 0), len(t.content))
}

// position converts an offset into content.
func (t *text) position(content int) protocol.Position { return t.rawPosition(t.rawOffset(content)) }

func (t *text) rawPosition(raw int) protocol.Position {
	line, found := slices.BinarySearch(t.lines, raw)
	if !found {
		line--
	}
	return protocol.Position{Line: uint32(line), Character: uint32(protocol.Units(t.raw[t.lines[line]:raw]))}
}

// rangeOf converts a range of offsets into content.
func (t *text) rangeOf(start, end int) protocol.Range {
	return protocol.Range{Start: t.position(start), End: t.position(end)}
}

// offset converts a position to an offset into raw. As the protocol wants it,
// a character beyond the end of its line means that end, and a line beyond the
// end of the text means the end of the text.
func (t *text) offset(p protocol.Position) int {
	if int64(p.Line) >= int64(len(t.lines)) {
		return len(t.raw)
	}
	start, end := t.lines[p.Line], len(t.raw)
	if int(p.Line)+1 < len(t.lines) {
		end = t.lines[p.Line+1]
	}
	line := strings.TrimRight(t.raw[start:end], "\r\n")
	left := int64(p.Character)
	for i, r := range line {
		if left <= 0 {
			return start + i
		}
		left -= int64(utf16.RuneLen(r))
	}
	return start + len(line)
}

// byteColumn converts a line and a byte column, both from 1 and not counting a
// byte order mark, to a position.
func (t *text) byteColumn(line, column int) protocol.Position {
	if line < 1 || line > len(t.lines) {
		return protocol.Position{Line: uint32(max(line-1, 0))}
	}
	start := t.lines[line-1]
	if line == 1 {
		start += t.mark
	}
	end := len(t.raw)
	if line < len(t.lines) {
		end = t.lines[line]
	}
	return t.rawPosition(min(start+max(column-1, 0), end))
}

// lineEnd returns the end of a line, counted from 1.
func (t *text) lineEnd(line int) protocol.Position {
	if line < 1 || line > len(t.lines) {
		return protocol.Position{Line: uint32(max(line-1, 0))}
	}
	return t.rawPosition(t.offset(protocol.Position{Line: uint32(line - 1), Character: 1 << 31}))
}

// newLines gives text of package patterns the line ends of this one.
func (t *text) newLines(s string) string {
	if t.crlf {
		return strings.ReplaceAll(s, "\n", "\r\n")
	}
	return s
}

// change applies one content change of the client.
func (t *text) change(c protocol.TextDocumentContentChangeEvent) *text {
	if c.Range == nil {
		return newText(c.Text)
	}
	start, end := t.offset(c.Range.Start), t.offset(c.Range.End)
	return newText(t.raw[:start] + c.Text + t.raw[max(start, end):])
}

// valid reports whether the text is UTF-8, as Go source has to be.
func (t *text) valid() bool { return utf8.ValidString(t.raw) }
