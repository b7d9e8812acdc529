package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/token"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/blocking"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// fingerprintName is the name of what recognises a result from one run to the
// next. Its number changes with the way in which it is made.
const fingerprintName = "letgo/v1"

// A sarifWriter makes a SARIF 2.1.0 log of a run.
type sarifWriter struct {
	*command
	files  map[string]*patterns.File // by name
	prints map[*finding.Finding]string
}

// printSARIF prints the outcome of a run and returns its exit status.
func (a *command) printSARIF(o *outcome.Outcome) int {
	a.Bar.Stop()
	a.printProblems(o)
	if err := a.writeSARIF(a.Stdout, o); err != nil {
		return a.Fail("writing SARIF: %v", err)
	}
	return a.status(o, nil)
}

// writeSARIF writes the findings that the run shows, with the mistakes in
// directives.
func (a *command) writeSARIF(w io.Writer, o *outcome.Outcome) error {
	var found []*finding.Finding
	for _, e := range o.Entries {
		found = append(found, e.Finding)
	}
	s := &sarifWriter{command: a, files: o.Files, prints: config.Fingerprints(found)}
	driver := sarifDriver{Name: "letgo", Version: help.BuildVersion(), InformationURI: "https://pkg.go.dev/github.com/letgo-dev/letgo"}
	for _, c := range blocking.Categories() {
		driver.Rules = append(driver.Rules, rule(c.Name, "A mutex is held across a wait: "+c.Doc))
	}
	driver.Rules = append(driver.Rules,
		rule("deadlock", "Whoever is waited for under a mutex may need that mutex"),
		rule("directive", "A directive is wrong or has no effect"))
	run := sarifRun{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: []*sarifResult{}}
	for _, e := range outcome.Shown(a.App, o) {
		run.Results = append(run.Results, s.result(e))
	}
	for _, m := range o.Mistakes {
		run.Results = append(run.Results, &sarifResult{
			RuleID: "letgo/directive", Level: "warning", Message: sarifText{m.Msg},
			Locations: []*sarifLocation{s.location(m.Pos, m.Pos, "")},
		})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func rule(name, doc string) sarifRule { return sarifRule{"letgo/" + name, sarifText{doc}} }

// result makes the result of one finding.
func (s *sarifWriter) result(e *rewrite.Entry) *sarifResult {
	f := e.Finding
	u := f.Section.Unit
	id, level := f.Main().Category, "warning"
	switch {
	case f.MayDeadlock():
		id, level = "deadlock", "error"
	case f.Verdict.Judgement != finding.Incidental:
		level = "note"
	}
	r := &sarifResult{
		RuleID: "letgo/" + id, Level: level, Message: sarifText{f.Message()},
		Locations:           []*sarifLocation{s.location(f.Position(), u.Position(f.Section.Acquire.End()), "")},
		PartialFingerprints: map[string]string{fingerprintName: fmt.Sprintf("%x", sha256.Sum256([]byte(s.prints[f])))},
	}
	if d := f.Delay; d != nil {
		r.Message.Text += ": " + d.String()
		r.Rank = new(100 * d.Share())
	}
	for _, o := range f.Ops {
		r.RelatedLocations = append(r.RelatedLocations, s.location(u.Position(o.Pos()), u.Position(o.Node.End()), "waits here: "+o.Describe()))
		r.CodeFlows = append(r.CodeFlows, s.flow(f, o))
	}
	for i, l := range r.RelatedLocations {
		l.ID = i + 1
	}
	if v := e.Offered(); v != nil {
		r.Fixes = append(r.Fixes, s.fix(v))
	}
	return r
}

// flow tells how a section gets from taking its lock to one of its waits.
func (s *sarifWriter) flow(f *finding.Finding, o *waits.Op) sarifCodeFlow {
	var t sarifThreadFlow
	add := func(at, end token.Position, text string) {
		t.Locations = append(t.Locations, sarifFlowLocation{s.location(at, end, text)})
	}
	u := f.Section.Unit
	add(f.Position(), u.Position(f.Section.Acquire.End()), "takes "+f.Section.Lock.String())
	if len(o.Path) == 0 {
		add(u.Position(o.Pos()), u.Position(o.Node.End()), "waits: "+o.What)
	}
	for i, h := range o.Path {
		verb := "calls "
		if i == len(o.Path)-1 {
			verb = "waits: "
		}
		add(h.At, h.At, verb+h.Func)
	}
	return sarifCodeFlow{[]sarifThreadFlow{t}}
}

// location makes a location with a message, if there is one.
func (s *sarifWriter) location(at, end token.Position, text string) *sarifLocation {
	l := &sarifLocation{Physical: sarifPhysical{s.artifact(at.Filename), s.region(at, end)}}
	if text != "" {
		l.Message = &sarifText{text}
	}
	return l
}

// artifact names a file: relative to the working directory, if it is below it.
func (s *sarifWriter) artifact(name string) sarifArtifact {
	if rel, ok := s.Below(name); ok {
		return sarifArtifact{(&url.URL{Path: rel}).EscapedPath()}
	}
	return sarifArtifact{(&url.URL{Scheme: "file", Path: s.Rel(name)}).String()}
}

func (s *sarifWriter) region(at, end token.Position) sarifRegion {
	return sarifRegion{at.Line, s.column(at), end.Line, s.column(end)}
}

// column counts in characters, from 1: Go counts in bytes.
func (s *sarifWriter) column(at token.Position) int {
	f := s.files[at.Filename]
	if f == nil || at.Offset > len(f.Content) || at.Column-1 > at.Offset {
		return at.Column
	}
	return utf8.RuneCount(f.Content[at.Offset-(at.Column-1):at.Offset]) + 1
}

// fix makes the fix of a rewrite.
func (s *sarifWriter) fix(v *verify.Verified) sarifFix {
	fix := sarifFix{Description: sarifText{fmt.Sprintf("%s (%s)", v.Plan.Title, v.Plan.Grade())}}
	for _, c := range v.Changes {
		change := sarifChange{Artifact: s.artifact(c.File.Name)}
		for _, e := range textedit.Trim(c.File.Content, c.Edits) {
			text := e.New
			if c.File.CRLF {
				text = strings.ReplaceAll(text, "\n", "\r\n")
			}
			at := s.region(position(c.File, e.Start), position(c.File, e.End))
			change.Replacements = append(change.Replacements, sarifReplacement{at, sarifText{text}})
		}
		fix.Changes = append(fix.Changes, change)
	}
	return fix
}

// position returns the place of an offset in the content of a file.
func position(f *patterns.File, offset int) token.Position {
	before := f.Content[:offset]
	lastLine := before[strings.LastIndexByte(string(before), '\n')+1:]
	return token.Position{Filename: f.Name, Offset: offset, Line: strings.Count(string(before), "\n") + 1, Column: len(lastLine) + 1}
}
