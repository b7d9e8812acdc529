package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
)

// mostQuestion is how many lines a question takes at most where others or the rest of the
// finding want room; explain has the whole question.
const mostQuestion = 2

// mostAsked is how long the question itself is at most, where what stands before it is cut
// and not the question.
const mostAsked = 90

// shortQuestion is how many words a question has at most that says nothing without what stands
// before it: "Does the file stay intact?"
const shortQuestion = 6

// A paragraph is a remark on a finding.
type paragraph struct {
	colour      app.Colour
	label, text string
	place       string // that it is about, named behind the text unless the text names it, or ""
	condition   string // that it is about, or ""
	brief       string // the text in fewer words, or ""
	minor       bool   // left out if there is no room
}

// tail is what stands behind a text, however much of that is left out.
func (p paragraph) tail() string {
	tail := ""
	if p.place != "" && !regexp.MustCompile(regexp.QuoteMeta(p.place)+`\b`).MatchString(p.text) {
		tail = " (" + p.place + ")"
	}
	if p.condition != "" {
		tail += " [" + p.condition + "]"
	}
	return tail
}

// laidOut is the lines of a finding, at most this many: first what is minor is left out,
// then the headline is shortened, the remarks are cut, and at last the headline, until there
// is room for a question.
func (b *brief) laidOut(headline []string, most int) []string {
	source := b.source(true)
	remarks := make([][]string, 0, len(b.below))
	for _, p := range b.below {
		remarks = append(remarks, b.lines(p))
	}
	room := func() int {
		n := most - len(headline) - len(source)
		for _, lines := range remarks {
			n -= len(lines)
		}
		return n
	}
	least, good := 0, 0
	if len(b.checks) > 0 {
		least, good = 1, min(len(b.lines(b.checks[0])), mostQuestion)
	}
	for i := len(b.below) - 1; i >= 0 && room() < good; i-- {
		if b.below[i].minor {
			remarks[i] = nil
		}
	}
	if room() < good && len(headline) > 1 {
		if short, whole := b.oneLine(); whole {
			headline = short
		}
	}
	for i := 0; i < len(b.below) && room() < least; i++ {
		if p := b.below[i]; p.brief != "" && len(remarks[i]) > 1 {
			remarks[i] = b.fitted(p, 1)
		}
	}
	for room() < least {
		longest := 0
		for i, lines := range remarks {
			if len(lines) >= len(remarks[longest]) {
				longest = i
			}
		}
		n := len(remarks[longest])
		if n <= 1 {
			source = b.source(false)
			break
		}
		remarks[longest] = b.fitted(b.below[longest], n-1)
	}
	if room() < least && len(headline) > 1 {
		headline, _ = b.oneLine()
	}
	return slices.Concat(headline, source, slices.Concat(remarks...), b.questions(room()))
}

// about is what a finding is about. That it may deadlock stands below the source.
func (b *brief) about() string {
	return strings.TrimPrefix(short(b.e.Finding.Headline()), "may deadlock: ")
}

// headline is where a finding is and what it is about.
func (b *brief) headline(about string) []string {
	return b.wrapped("", 0, app.Span{Colour: app.Bold, Text: b.place()}, app.Plain(" %s", about))
}

// acquire and receiver are what a headline can do best without.
var (
	acquire  = regexp.MustCompile(`\.R?Lock\(\) is held`)
	receiver = regexp.MustCompile(`across [\w.()*\[\]]*\.(\w+ \()`)
)

// oneLine is the headline in one line, shortened as little as possible. It is whole if it
// says what waits.
func (b *brief) oneLine() (lines []string, whole bool) {
	about := b.about()
	for _, shorter := range []func(string) string{
		func(s string) string { return acquire.ReplaceAllString(s, " is held") },
		func(s string) string { return receiver.ReplaceAllString(s, "across $1") },
	} {
		about = shorter(about)
		if lines := b.headline(about); len(lines) == 1 {
			return lines, true
		}
	}
	return b.cut(b.headline(about), 1), false
}

// questions lays out the questions of a plan that there is room for, and then says how
// to see the others. How many there are, the grade says.
func (b *brief) questions(room int) []string {
	total := 0
	for _, p := range b.checks {
		total += len(b.lines(p))
	}
	most := mostQuestion
	if total <= room {
		most = total
	}
	var shown []string
	for i, p := range b.checks {
		left := room - len(shown)
		lines := b.fitted(p, most)
		switch {
		case left <= 0:
			return shown
		case len(lines) > left && i == 0:
			lines = b.fitted(p, left)
		case len(lines) > left:
			more := app.Plural(len(b.checks)-i, "more question") + ": " + b.explainCommand(b.e)
			return append(shown, b.fitted(paragraph{colour: app.Amber, label: "check:", text: more}, 1)...)
		}
		shown = append(shown, lines...)
	}
	return shown
}

// lines is a paragraph in lines.
func (b *brief) lines(p paragraph) []string {
	return b.wrapped("  ", 4, app.Span{Colour: p.colour, Text: p.label}, app.Plain(" %s%s", p.text, p.tail()))
}

// fitted is a paragraph in at most n lines: in fewer words, if it has them. Words before the
// question are left out, all of them rather than most, or at the end where that is long, but
// neither the line nor the condition that it is about.
func (b *brief) fitted(p paragraph, n int) []string {
	lines := b.lines(p)
	if len(lines) > n && p.brief != "" {
		p.text = p.brief
		lines = b.lines(p)
	}
	text, end, least := p.text, "…", 1
	if i := strings.LastIndex(text, ". "); i >= 0 && strings.HasSuffix(text, "?") && len(text)-i < mostAsked {
		text, end, least = text[:i], "…"+text[i+1:], 0
	}
	words := strings.Fields(text)
	whole := len(words)
	for len(lines) > n && len(words) > least {
		words = clauses(closed(words[:len(words)-1]), whole/2)
		if least == 0 && len(words) < whole/2 && len(strings.Fields(end)) > shortQuestion {
			words, end = nil, strings.TrimLeft(end, "… ") // a few words say nothing
		}
		p.text = strings.TrimSpace(strings.TrimRight(strings.Join(words, " "), ",") + " " + end)
		lines = b.lines(p)
	}
	return b.cut(lines, n)
}

// clauses leaves out the words after the last comma, if at least n come before it: half a clause
// says less than none.
func clauses(words []string, n int) []string {
	for i := len(words) - 1; i >= n; i-- {
		if strings.HasSuffix(words[i], ",") {
			return words[:i+1]
		}
	}
	return words
}

// closed leaves out an opening bracket that is not closed any more, and what follows it.
func closed(words []string) []string {
	depth := 0
	for i, w := range slices.Backward(words) {
		if depth += strings.Count(w, ")") - strings.Count(w, "("); depth < 0 {
			return words[:i]
		}
	}
	return words
}

// wrapped is the lines of some text.
func (b *brief) wrapped(lead string, indent int, spans ...app.Span) []string {
	page := &app.Page{Width: b.Page.Width, Colours: b.Page.Colours}
	page.WrapAfter(lead, indent, spans...)
	return strings.Split(strings.TrimSuffix(page.String(), "\n"), "\n")
}

// cut leaves n of some lines, and marks the end of the last one if there were more.
func (b *brief) cut(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	last := lines[n-1]
	if utf8.RuneCountInString(last) > b.Page.Width-2 {
		last = last[:strings.LastIndexByte(last, ' ')]
	}
	return append(slices.Clone(lines[:n-1]), last+" …")
}
