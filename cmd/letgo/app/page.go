package app

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// Prose is wrapped at the width of the terminal, but not wider than anybody
// likes to read; what is not printed on a terminal, at the usual width.
const (
	usualWidth  = 80
	widestProse = 110
	leastWidth  = 40
)

// A Page is text that is laid out in lines of a certain width.
type Page struct {
	strings.Builder
	Width   int  // of prose
	Wide    bool // lines of source are not broken
	Colours bool
}

// NewPage returns an empty page for what is printed on w.
func (a *App) NewPage(w io.Writer) *Page {
	width, known := Columns(w)
	return &Page{Width: width, Wide: !known, Colours: a.Colour(w)}
}

// Columns returns the width for w: the environment variable COLUMNS, or the width of
// the terminal. If neither is known, it is the usual width.
func Columns(w io.Writer) (width int, known bool) {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return max(n, leastWidth), true
	}
	if f, ok := FileOf(w); ok && IsTerminal(w) {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return max(n, leastWidth), true
		}
	}
	return usualWidth, false
}

// A Span is a piece of text in one colour; none is "".
type Span struct {
	Colour Colour
	Text   string
}

func Plain(format string, args ...any) Span { return Span{"", fmt.Sprintf(format, args...)} }

// Put prints a line as it is.
func (p *Page) Put(spans ...Span) {
	for _, s := range spans {
		p.WriteString(Paint(p.Colours && s.Colour != "" && s.Text != "", s.Colour, s.Text))
	}
	p.WriteByte('\n')
}

// Heading prints a heading with an empty line above it.
func (p *Page) Heading(format string, args ...any) {
	p.Put()
	p.Wrap("", Span{Bold, fmt.Sprintf(format, args...)})
}

// Wrap prints a paragraph. Its first line begins with lead at the current column; the
// others are indented to the width of lead. Lines are broken between words; a word that
// is too long for a line gets its own line.
func (p *Page) Wrap(lead string, spans ...Span) {
	p.WrapAfter(lead, utf8.RuneCountInString(lead), spans...)
}

// WrapAfter is Wrap with a lead that may have colours, so its width is given.
func (p *Page) WrapAfter(lead string, indent int, spans ...Span) {
	p.WriteString(lead)
	limit := min(p.Width, widestProse)
	at, empty, space := indent, true, true
	for _, s := range spans {
		glued := !space && !strings.HasPrefix(s.Text, " ") // to what stands before it
		space = strings.HasSuffix(s.Text, " ")
		for word := range strings.FieldsSeq(s.Text) {
			n := utf8.RuneCountInString(word)
			switch {
			case empty || glued:
			case at+1+n > limit:
				p.WriteString("\n" + strings.Repeat(" ", indent))
				at = indent
			default:
				p.WriteByte(' ')
				at++
			}
			p.WriteString(Paint(p.Colours && s.Colour != "", s.Colour, word))
			at, empty, glued = at+n, false, false
		}
	}
	p.WriteByte('\n')
}

// Pad fills a text with spaces up to a width.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// A Table is rows of a label and prose, printed in two columns.
type Table struct {
	Indent string
	Widest int // of the labels that others are aligned with
	Least  int // width of the column of labels
	Rows   []TableRow
}

type TableRow struct {
	Label Span
	Prose []Span
}

func (t *Table) Add(label Span, prose ...Span) {
	t.Rows = append(t.Rows, TableRow{label, prose})
}

// Table prints a table. The column of the labels takes no more than half of the
// page; the prose of a label that is wider begins on the next line.
func (p *Page) Table(t Table) {
	width := t.Least
	for _, r := range t.Rows {
		if n := utf8.RuneCountInString(r.Label.Text); n <= min(t.Widest, p.Width/2) {
			width = max(width, n)
		}
	}
	if width == 0 { // all are too wide
		width = 2
	}
	indent := utf8.RuneCountInString(t.Indent) + width + 2
	for _, r := range t.Rows {
		label := Paint(p.Colours && r.Label.Colour != "", r.Label.Colour, r.Label.Text)
		if n := utf8.RuneCountInString(r.Label.Text); n > width {
			p.WriteString(t.Indent + label + "\n")
			p.WrapAfter(strings.Repeat(" ", indent), indent, r.Prose...)
		} else {
			p.WrapAfter(t.Indent+label+strings.Repeat(" ", width-n+2), indent, r.Prose...)
		}
	}
}
