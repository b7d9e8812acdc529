package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
)

// An explainer puts an explanation together.
type explainer struct {
	*app
	strings.Builder
	colours bool
}

// explanation returns everything about one section as text.
func (a *app) explanation(e *rewrite.Entry) string {
	x := &explainer{app: a, colours: a.colour(a.stdout)}
	f := e.Finding
	x.linef("%s: %s", paint(x.colours, bold, a.place(f.Position())), title(f))
	x.linef("in %s of package %s", f.Section.Unit.Name(), f.Section.Unit.Pkg.Path)
	x.source(f)
	x.waits(f)
	x.guards(f)
	if len(f.Ops) > 0 {
		x.judged(f.Verdict)
		x.shapes(e)
	}
	return x.String()
}

func (x *explainer) linef(format string, args ...any) {
	fmt.Fprintf(x, format+"\n", args...)
}

func (x *explainer) heading(format string, args ...any) {
	x.linef("\n%s", paint(x.colours, bold, fmt.Sprintf(format, args...)))
}

// source prints the section with what the lock does on each line.
func (x *explainer) source(f *patterns.Finding) {
	colours := map[string]colour{markLock: green, markFree: green, markWaits: red, markHeld: dim}
	x.linef("")
	for _, l := range sourceOf(f.Section, f.Ops) {
		mark := fmt.Sprintf("%-5s", l.Mark)
		x.linef("%6d  %s  %s", l.Line, paint(x.colours && l.Mark != "", colours[l.Mark], mark), l.Text)
	}
	s := f.Section
	if s.Problem != "" {
		x.linef("\nThe extent is not certain: %s%s.", s.Problem, x.line(s.Unit.Pkg.Fset, s.ProblemPos))
	}
	for _, o := range s.Others {
		when := "already held"
		if o.Inner {
			when = "taken meanwhile"
		}
		x.linef("\nAnother lock is %s: %s%s.", when, o.Lock, x.line(s.Unit.Pkg.Fset, o.Pos))
	}
}

// waits prints the blocking operations with their call paths.
func (x *explainer) waits(f *patterns.Finding) {
	if len(f.Ops) == 0 {
		return
	}
	x.heading("What waits")
	for _, o := range f.Ops {
		x.linef("  %s%s: %s, %s; %s", o.Describe(), x.line(f.Section.Unit.Pkg.Fset, o.Pos()), o.Category, o.Effect, o.Why)
		for _, h := range o.Path {
			x.linef("      %s: calls %s", x.place(h.At), h.Func)
		}
		if o.Deferred {
			x.linef("      runs when the function returns")
		}
		if o.Weak != "" {
			x.linef("      weak evidence: %s", o.Weak)
		}
		if offByDefault(o.Category) {
			x.linef("      such waits are not reported unless -category names them")
		}
		if len(o.Also) > 0 {
			x.linef("      also: %s", strings.Join(o.Also, ", "))
		}
	}
}

func offByDefault(category string) bool {
	return slices.ContainsFunc(patterns.Categories(), func(c patterns.CategoryInfo) bool {
		return c.Name == category && !c.Default
	})
}

// guards prints what the lock protects.
func (x *explainer) guards(f *patterns.Finding) {
	x.heading("What %s guards", f.Section.Lock)
	if len(f.Guarded) == 0 {
		x.linef("  nothing that can be told")
	}
	for _, g := range f.Guarded {
		x.linef("  %s", g)
	}
}

// judged prints the verdict with its evidence.
func (x *explainer) judged(v patterns.Verdict) {
	x.heading("Verdict: %s (%+d)", v.Judgement, v.Score)
	for _, e := range v.Evidence {
		x.linef("  %+3d  %s: %s", e.Weight, e.Sign, e.Detail)
	}
	if len(v.Evidence) == 0 {
		x.linef("  no evidence for either")
	}
}

// shapes prints every plan and every refusal.
func (x *explainer) shapes(e *rewrite.Entry) {
	for _, v := range e.Plans {
		p := v.Plan
		x.heading("%s (%s): %s", p.Shape, p.Grade(), p.Title)
		fset := p.Finding.Section.Unit.Pkg.Fset
		for _, o := range p.Obligations {
			status := string(o.Status)
			if o.Status == rewrite.Assumed {
				status = "to check"
			}
			x.linef("  %s (%s), %s: %s%s", o.Condition, o.Condition.Title(), status, o.Text, x.line(fset, o.Pos))
		}
		x.linef("")
		if diff := x.planDiff(v); diff != "" {
			x.Write(colourDiff([]byte(diff), x.colours))
		} else {
			x.linef("  no diff: the file is not below the working directory; -C names another one")
		}
	}
	if len(e.Refusals) > 0 {
		x.heading("Refused")
	}
	for _, r := range e.Refusals {
		x.linef("  %s: %s%s", r.Shape, r.Error(), x.line(e.Finding.Section.Unit.Pkg.Fset, r.Pos))
	}
}
