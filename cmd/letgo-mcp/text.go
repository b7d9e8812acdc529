package main

import (
	"fmt"
	"slices"
	"strings"
)

// longestAnswer is how long an answer is at most, in bytes: some two thousand tokens.
const longestAnswer = 8000

// shorten cuts an answer at the end of a line.
func shorten(text string) string {
	if len(text) <= longestAnswer {
		return text
	}
	cut := strings.LastIndexByte(text[:longestAnswer], '\n') + 1
	return text[:cut] + fmt.Sprintf("... %d more lines; letgo itself prints all\n", strings.Count(text[cut:], "\n"))
}

// at names a place in parentheses.
func at(file string, line int) string {
	if file == "" {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", file, line)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// The most that an explanation has of each.
const (
	mostLines   = 40
	mostWaits   = 4
	mostGuarded = 8
	mostSigns   = 6
)

// explanation tells about a section.
func (f *finding) explanation() string {
	var b strings.Builder
	title := f.Message
	if title == "" {
		title = fmt.Sprintf("nothing waits while %s.%s() holds the lock", f.Lock, f.Mode)
	}
	fmt.Fprintf(&b, "%s:%d %s\nin %s, package %s\n\n", f.File, f.Line, title, f.Function, f.Package)
	f.source(&b)
	for _, o := range f.Ops[:min(len(f.Ops), mostWaits)] {
		fmt.Fprintf(&b, "waits: %s, line %d, which %s (%s)\n", o.What, o.Line, o.Why, o.Category)
		for _, h := range o.Path {
			fmt.Fprintf(&b, "  calls %s%s\n", h.Func, at(h.File, h.Line))
		}
	}
	if n := len(f.Ops) - mostWaits; n > 0 {
		fmt.Fprintf(&b, "waits: %d more\n", n)
	}
	var names []string
	for _, g := range f.Guarded[:min(len(f.Guarded), mostGuarded)] {
		names = append(names, g.Name)
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, "%s guards: %s\n", f.Lock, strings.Join(names, ", "))
	}
	if d := f.Deadlock; d != nil {
		fmt.Fprintf(&b, "deadlock: %s%s\n", d.Message, at(d.File, d.Line))
	}
	if f.Verdict.Judgement != "" {
		f.verdict(&b)
		f.rewrites(&b)
	}
	return b.String()
}

// source prints the lines of the section: L takes the lock, W waits, U releases it.
func (f *finding) source(b *strings.Builder) {
	marks := map[string]string{"lock": "L", "waits": "W", "free": "U", "held": "|", "": " "}
	left := 0
	for i, l := range f.Source {
		if i >= mostLines && (l.Mark == "held" || l.Mark == "") {
			left++
			continue
		}
		if left > 0 {
			fmt.Fprintf(b, "      ... %d lines\n", left)
			left = 0
		}
		fmt.Fprintf(b, "%5d %s %s\n", l.Line, marks[l.Mark], l.Text)
	}
	if left > 0 {
		fmt.Fprintf(b, "      ... %d lines\n", left)
	}
	b.WriteString("\n")
}

// verdict prints the weightiest signs.
func (f *finding) verdict(b *strings.Builder) {
	fmt.Fprintf(b, "verdict: %s (%+d; signs of accident are positive)\n", f.Verdict.Judgement, f.Verdict.Score)
	signs := slices.SortedStableFunc(slices.Values(f.Verdict.Evidence), func(x, y sign) int { return abs(y.Weight) - abs(x.Weight) })
	for _, e := range signs[:min(len(signs), mostSigns)] {
		fmt.Fprintf(b, "  %+d %s%s\n", e.Weight, e.Detail, at(e.File, e.Line))
	}
}

func abs(n int) int { return max(n, -n) }

// rewrites prints what can be done.
func (f *finding) rewrites(b *strings.Builder) {
	for _, p := range f.Plans {
		fmt.Fprintf(b, "rewrite %s (%s): %s", p.Shape, p.Grade, p.Title)
		if q := p.questions(); len(q) > 0 {
			b.WriteString("; " + plural(len(q), "question"))
		}
		b.WriteString("\n")
	}
	for _, r := range f.Refusals {
		if r.Nearest && len(f.Plans) == 0 {
			fmt.Fprintf(b, "no rewrite; the nearest is %s: %s%s\n", r.Shape, r.Reason, at(r.File, r.Line))
			if r.Advice != "" {
				fmt.Fprintf(b, "  what would help: %s\n", r.Advice)
			}
		}
	}
}
