package outcome

import (
	"cmp"
	"slices"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// Waiting returns the best plan that is not applied, unless that is one for which the
// user has to ask.
func Waiting(a *app.App, e *rewrite.Entry) *plan.Plan {
	for _, v := range e.Plans {
		if !v.Plan.OnRequest || slices.Contains(a.Opts.Requested, v.Plan.Shape) {
			return v.Plan
		}
	}
	return nil
}

// Shown lists the entries that a run reports, most important first: all but the
// deliberate ones, unless they were requested.
func Shown(a *app.App, o *Outcome) []*rewrite.Entry {
	var out []*rewrite.Entry
	for _, e := range o.Entries {
		if a.Opts.All || e.Finding.Shown() {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y *rewrite.Entry) int { return finding.CompareWorth(x.Finding, y.Finding) })
	return out
}

// Detailed lists the entries that are printed with what is offered for them, most
// important first: of what a run reports, all but the unsure ones without a rewrite,
// unless they were requested.
func Detailed(a *app.App, o *Outcome) []*rewrite.Entry {
	all := Shown(a, o)
	if brief := !a.Opts.List && !a.Opts.JSON && !a.Opts.SARIF; brief && !a.Opts.All && !a.Opts.Unsure {
		all = slices.DeleteFunc(all, func(e *rewrite.Entry) bool {
			return GroupOf(e) == unsure && e.Finding.Directive == nil && Waiting(a, e) == nil
		})
	}
	slices.SortStableFunc(all, func(x, y *rewrite.Entry) int {
		return cmp.Compare(slices.Index(Groups, GroupOf(x)), slices.Index(Groups, GroupOf(y)))
	})
	return all
}

// The groups under which findings are listed, most important first. The names of the
// middle ones are also verdicts.
const (
	Measured      = "measured"
	MayDeadlock   = "may deadlock"
	safeRewrite   = "safe rewrite"
	incidental    = string(finding.Incidental)
	reviewRewrite = "rewrite to review"
	aside         = "aside"
	unsure        = string(finding.Unsure)
	Deliberate    = string(finding.Deliberate)
)

var Groups = []string{Measured, MayDeadlock, safeRewrite, incidental, reviewRewrite, unsure, aside, Deliberate}

// Headings are the headings of the groups of findings.
var Headings = map[string]string{
	Measured:      "Measured: other goroutines have waited for these locks.",
	MayDeadlock:   "May deadlock: the wait cannot end while the lock is held.",
	safeRewrite:   "Safe to rewrite: nothing changes but how long the lock is held.",
	incidental:    "Incidental: these locks look held by accident.",
	reviewRewrite: "To review: whether these locks are held on purpose is unclear, but there is a rewrite.",
	aside:         "Aside: tests, examples, measurements, and code that runs once at the start.",
	unsure:        "Unsure: the signals do not say whether these locks are held on purpose.",
	Deliberate:    "Deliberate: these locks look held on purpose.",
}

// VerdictOf is what a finding is called in a list without rewrites.
func VerdictOf(f *finding.Finding) string {
	if f.MayDeadlock() {
		return MayDeadlock
	}
	return string(f.Verdict.Judgement)
}

// GroupOf is the group under which a finding is listed, with what is offered for it.
func GroupOf(e *rewrite.Entry) string {
	verdict, offered := VerdictOf(e.Finding), e.Offered()
	unsettled := offered == nil && (verdict == unsure || e.Finding.Meant)
	switch {
	case e.Finding.Measured() && e.Finding.Shown():
		return Measured
	case verdict == MayDeadlock || verdict == Deliberate:
		return verdict
	case unsettled:
		return unsure
	case e.Finding.Aside():
		return aside
	case offered == nil:
		return verdict
	case offered.Plan.Grade() == safety.Safe:
		return safeRewrite
	case verdict == unsure:
		return reviewRewrite
	}
	return verdict
}
