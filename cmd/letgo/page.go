package main

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

// A page is text that is laid out in lines of a certain width.
type page struct {
	strings.Builder
	width   int  // of prose
	wide    bool // lines of source are not broken
	colours bool
}

// newPage returns an empty page for what is printed on w.
func (a *app) newPage(w io.Writer) *page {
	width, known := columns(w)
	return &page{width: width, wide: !known, colours: a.colour(w)}
}

// columns returns the width of what w is: that of the environment variable
// COLUMNS or of the terminal. If neither is known, it is the usual one.
func columns(w io.Writer) (width int, known bool) {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return max(n, leastWidth), true
	}
	if f, ok := fileOf(w); ok && isTerminal(w) {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return max(n, leastWidth), true
		}
	}
	return usualWidth, false
}

// A span is a piece of text in one colour; none is "".
type span struct {
	colour colour
	text   string
}

func plain(format string, args ...any) span { return span{"", fmt.Sprintf(format, args...)} }

// put prints a line as it is.
func (p *page) put(spans ...span) {
	for _, s := range spans {
		p.WriteString(paint(p.colours && s.colour != "" && s.text != "", s.colour, s.text))
	}
	p.WriteByte('\n')
}

// heading prints a heading with an empty line above it.
func (p *page) heading(format string, args ...any) {
	p.put()
	p.wrap("", span{bold, fmt.Sprintf(format, args...)})
}

// wrap prints a paragraph. Its first line begins at the present column with
// lead; the others are indented as deep as lead is wide. Lines are broken
// between words; a word that is too long for a line stands alone.
func (p *page) wrap(lead string, spans ...span) {
	p.wrapAfter(lead, utf8.RuneCountInString(lead), spans...)
}

// wrapAfter is wrap with a lead that may have colours: its width is given.
func (p *page) wrapAfter(lead string, indent int, spans ...span) {
	p.WriteString(lead)
	limit := min(p.width, widestProse)
	at, empty, space := indent, true, true
	for _, s := range spans {
		glued := !space && !strings.HasPrefix(s.text, " ") // to what stands before it
		space = strings.HasSuffix(s.text, " ")
		for word := range strings.FieldsSeq(s.text) {
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
			p.WriteString(paint(p.colours && s.colour != "", s.colour, word))
			at, empty, glued = at+n, false, false
		}
	}
	p.WriteByte('\n')
}

// pad fills a text with spaces up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

// A table is rows of a label and prose, printed in two columns.
type table struct {
	indent string
	widest int // of the labels that others are aligned with
	least  int // width of the column of labels
	rows   []tableRow
}

type tableRow struct {
	label span
	prose []span
}

func (t *table) add(label span, prose ...span) {
	t.rows = append(t.rows, tableRow{label, prose})
}

// table prints a table. The column of the labels takes no more than half of the
// page; the prose of a label that is wider begins on the next line.
func (p *page) table(t table) {
	width := t.least
	for _, r := range t.rows {
		if n := utf8.RuneCountInString(r.label.text); n <= min(t.widest, p.width/2) {
			width = max(width, n)
		}
	}
	if width == 0 { // all are too wide
		width = 2
	}
	indent := utf8.RuneCountInString(t.indent) + width + 2
	for _, r := range t.rows {
		label := paint(p.colours && r.label.colour != "", r.label.colour, r.label.text)
		if n := utf8.RuneCountInString(r.label.text); n > width {
			p.WriteString(t.indent + label + "\n")
			p.wrapAfter(strings.Repeat(" ", indent), indent, r.prose...)
		} else {
			p.wrapAfter(t.indent+label+strings.Repeat(" ", width-n+2), indent, r.prose...)
		}
	}
}
