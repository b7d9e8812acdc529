// Package webpage writes findings as one page for a browser, which needs nothing else:
// no network, no server, no other file.
package webpage

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"
)

// A Page is what is shown.
type Page struct {
	Title    string
	Command  string // by which the page was made
	Version  string // of letgo
	Summary  string
	Problems []string
	Findings []*Finding // those of most delay or worth first
	Account  string     // where the delay of the profiles is, or ""
	Missed   []Missed   // sections with delay that were not found to wait
}

// A Missed is a section with delay that was not found to wait.
type Missed struct{ Place, Lock, Function, Delay, Stack, Why, Command string }

// A Finding is one critical section that waits.
type Finding struct {
	Place    string // "dir/file.go:12"
	Package  string
	Function string
	Headline string
	Verdict  string // what the filter knows it by
	Score    string // of the verdict, with its sign; "" if something else decided it
	Heading  string // where another group begins, what stands above it
	Category string
	Sites    int    // sections of the lock that are kept waiting
	Delay    string // what profiles say of it, or ""
	Waited   string // its delay alone, in short

	Source   []Line
	Waits    []Wait
	More     int // further waits
	Lock     string
	Guarded  []Guarded
	Deadlock []Hop
	Danger   string // what may deadlock, in words
	Signs    []Sign
	Plan     *Plan    // the best one, or nil
	Others   []string // other plans, in words
	Refusal  string   // why there is none
	Tests    string   // what tests say
	TestsBad bool
	Commands []Command
}

// A Line is one of the source.
type Line struct {
	Number int
	Text   string
	Mark   string // what the lock does on it: "lock", "held", "waits", "free" or ""
	Gap    int    // instead: lines that are left out
}

// A Wait is something that waits, with the calls that lead there.
type Wait struct {
	What, Why string
	Path      []Hop
}

// A Hop is one call.
type Hop struct{ Place, Text string }

// A Guarded is a variable that the lock protects.
type Guarded struct{ Name, Evidence string }

// A Sign speaks for accident or purpose.
type Sign struct {
	Weight, Name, Detail, Place string
	Direction                   string // "accident", "purpose" or ""
}

// A Plan is a rewrite.
type Plan struct {
	Shape, Grade, Title string
	Questions           []Question
	Files               []File
}

// A Question is what a person has to answer with yes.
type Question struct{ Condition, Text, Place string }

// A Command is one to be copied.
type Command struct{ Text, Doc string }

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	styleText string
	//go:embed page.js
	scriptText string
)

var page = template.Must(template.New("page").Parse(pageText))

// filters are what the page can be narrowed by.
type filters struct{ Verdicts, Shapes, Packages []string }

// Write writes the page.
func Write(w io.Writer, p *Page) error {
	var f filters
	for _, g := range p.Findings {
		f.Verdicts = append(f.Verdicts, g.Verdict)
		f.Packages = append(f.Packages, g.Package)
		if g.Plan != nil {
			f.Shapes = append(f.Shapes, g.Plan.Shape)
		}
	}
	for _, list := range []*[]string{&f.Verdicts, &f.Shapes, &f.Packages} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	var out bytes.Buffer
	err := page.Execute(&out, map[string]any{
		"Page": p, "Filters": f, "Policy": policy(),
		"Style": template.CSS(styleText), "Script": template.JS(scriptText),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

// policy is the Content-Security-Policy of the page: it loads nothing, and runs no
// script but its own, whatever stands in the source that it shows.
func policy() string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return strings.Join([]string{"default-src 'none'", "style-src " + hash(styleText), "script-src " + hash(scriptText), "base-uri 'none'", "form-action 'none'"}, "; ")
}
