package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// findingsInput is what the tool findings takes.
type findingsInput struct {
	Packages   []string `json:"packages,omitempty" jsonschema:"packages as for the go command; by default all of the module: ./..."`
	Deliberate bool     `json:"deliberate,omitempty" jsonschema:"also the locks that look held on purpose"`
	Offset     int      `json:"offset,omitempty" jsonschema:"how many findings to leave out, to see the next ones"`
}

// onePage is how many findings one answer lists.
const onePage = 20

func (s *server) findings(ctx context.Context, in findingsInput) (string, error) {
	if len(in.Packages) == 0 {
		in.Packages = []string{"./..."}
	}
	var flags []string
	if in.Deliberate {
		flags = []string{"-all"}
	}
	var r report
	if err := s.run(ctx, &r, flags, in.Packages...); err != nil {
		return "", err
	}
	var b strings.Builder
	from := min(max(in.Offset, 0), len(r.Findings))
	to := min(from+onePage, len(r.Findings))
	b.WriteString(plural(len(r.Findings), "finding"))
	switch {
	case from == to && from > 0:
		b.WriteString(", all of which come before that offset")
	case to-from < len(r.Findings):
		fmt.Fprintf(&b, ", of which %d to %d", from+1, to)
	}
	b.WriteString("\n")
	for _, f := range r.Findings[from:to] {
		fmt.Fprintf(&b, "%s:%d %s [%s]; %s\n", f.File, f.Line, f.Message, f.Verdict.Judgement, f.offer())
	}
	if to < len(r.Findings) {
		fmt.Fprintf(&b, "%d more: offset %d\n", len(r.Findings)-to, to)
	}
	for _, p := range r.Problems[:min(len(r.Problems), 5)] {
		fmt.Fprintf(&b, "not read: %s %s: %s\n", p.Package, p.Position, p.Message)
	}
	return b.String(), nil
}

// offer says in a few words what can be done about a finding.
func (f *finding) offer() string {
	if p := f.chosen(f.Offered); f.Offered != "" && p != nil {
		if n := len(p.questions()); n > 0 {
			return fmt.Sprintf("rewrite %s, %d to check", p.Shape, n)
		}
		return fmt.Sprintf("rewrite %s, safe", p.Shape)
	}
	for _, r := range f.Refusals {
		if r.Nearest {
			return "no rewrite (" + cmp.Or(r.Rule, r.Shape) + ")"
		}
	}
	return "no rewrite"
}

// sectionInput names a section.
type sectionInput struct {
	Place string `json:"place" jsonschema:"a line of the section, as FILE:LINE"`
}

func (s *server) explain(ctx context.Context, in sectionInput) (string, error) {
	f, err := s.section(ctx, in.Place)
	if err != nil {
		return "", err
	}
	return f.explanation(), nil
}

// section asks letgo about the section at a place.
func (s *server) section(ctx context.Context, place string) (*finding, error) {
	if strings.Contains(place, ",") || !strings.Contains(place, ":") {
		return nil, fmt.Errorf("%q is not of the form FILE:LINE", place)
	}
	var f finding
	return &f, s.run(ctx, &f, nil, "explain", place)
}

// planInput names a rewrite.
type planInput struct {
	Place string `json:"place" jsonschema:"a line of the section, as FILE:LINE"`
	Shape string `json:"shape,omitempty" jsonschema:"the rewrite, as explain names it; by default the best one"`
}

func (s *server) plan(ctx context.Context, in planInput) (string, error) {
	f, err := s.section(ctx, in.Place)
	if err != nil {
		return "", err
	}
	p := f.chosen(in.Shape)
	if p == nil {
		return "", f.noPlan(in.Shape)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s\n", p.Shape, p.Grade, p.Title)
	for _, o := range p.questions() {
		fmt.Fprintf(&b, "check %s: %s%s\n", o.Condition, o.Text, at(o.File, o.Line))
	}
	b.WriteString("\n" + p.Diff)
	return b.String(), nil
}

// chosen returns the plan of a shape, or the best one for "".
func (f *finding) chosen(shape string) *plan {
	for _, p := range f.Plans {
		if p.Shape == shape || shape == "" {
			return p
		}
	}
	return nil
}

func (f *finding) noPlan(shape string) error {
	text := "there is no rewrite of this section"
	if shape != "" {
		text = fmt.Sprintf("there is no rewrite %q of this section", shape)
	}
	for _, r := range f.Refusals {
		if r.Shape == shape || shape == "" && r.Nearest {
			text += ": " + r.Reason + at(r.File, r.Line)
		}
	}
	return errors.New(text)
}

// applyInput names a rewrite that is to be written.
type applyInput struct {
	Place    string   `json:"place" jsonschema:"a line of the section, as FILE:LINE"`
	Shape    string   `json:"shape" jsonschema:"the rewrite, as plan has shown it"`
	Answered []string `json:"answered,omitempty" jsonschema:"the conditions of its questions that are answered with yes, such as S8"`
	Tests    bool     `json:"tests,omitempty" jsonschema:"run the tests of the package and of those that import it, and write the rewrite only if they pass"`
}

func (s *server) apply(ctx context.Context, in applyInput) (string, error) {
	f, err := s.section(ctx, in.Place)
	if err != nil {
		return "", err
	}
	p := f.chosen(in.Shape)
	if p == nil || in.Shape == "" {
		return "", f.noPlan(cmp.Or(in.Shape, "(none named)"))
	}
	for _, o := range p.questions() {
		if !slices.Contains(in.Answered, o.Condition) {
			return "", fmt.Errorf("nothing was written: %s is not answered: %s%s", o.Condition, o.Text, at(o.File, o.Line))
		}
	}
	flags := []string{"-w", "-all", "-grade=" + p.Grade, "-shape=" + p.Shape, fmt.Sprintf("-at=%s:%d", f.File, f.Line)}
	if in.Tests {
		flags = append(flags, "-try")
	}
	var r report
	dir := filepath.ToSlash(filepath.Dir(f.File))
	if !filepath.IsAbs(dir) {
		dir = "./" + dir
	}
	if err := s.run(ctx, &r, flags, dir); err != nil {
		return "", err
	}
	for _, g := range r.Findings {
		if !g.Applied && g.Tests != nil && g.Tests.Result == "failed" {
			return "", fmt.Errorf("nothing was written: with this rewrite a test fails: %s: %s", g.Tests.Failed, g.Tests.Message)
		}
		if g.Applied {
			return applied(g, p), nil
		}
	}
	return "", errors.New("nothing was written: letgo did not carry the rewrite out; findings and plan say what there is now")
}

// applied says what was written.
func applied(g *finding, p *plan) string {
	text := fmt.Sprintf("written: %s in %s\n", p.Title, g.File)
	if g.Tests != nil {
		text += "tests: " + g.Tests.Result + "\n"
	}
	return text + "\n" + p.Diff
}
