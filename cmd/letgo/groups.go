package main

import (
	"cmp"
	"slices"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
)

// waiting returns the best plan that is not carried out, unless that is one for which
// one has to ask.
func (a *app) waiting(e *rewrite.Entry) *plan.Plan {
	for _, v := range e.Plans {
		if !v.Plan.OnRequest || slices.Contains(a.opts.requested, v.Plan.Shape) {
			return v.Plan
		}
	}
	return nil
}

// shown lists the entries that a run reports, those of most worth first: all but
// the deliberate ones, unless they were asked for.
func (a *app) shown(o *outcome) []*rewrite.Entry {
	var out []*rewrite.Entry
	for _, e := range o.entries {
		if a.opts.all || e.Finding.Shown() {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y *rewrite.Entry) int { return finding.CompareWorth(x.Finding, y.Finding) })
	return out
}

// detailed lists the entries that are printed with what is offered for them, those of
// most worth first: of what a run reports, all but the unsure ones without a rewrite,
// unless they were asked for.
func (a *app) detailed(o *outcome) []*rewrite.Entry {
	all := a.shown(o)
	if brief := !a.opts.list && !a.opts.json && !a.opts.sarif; brief && !a.opts.all && !a.opts.unsure {
		all = slices.DeleteFunc(all, func(e *rewrite.Entry) bool {
			return groupOf(e) == unsure && e.Finding.Directive == nil && a.waiting(e) == nil
		})
	}
	slices.SortStableFunc(all, func(x, y *rewrite.Entry) int {
		return cmp.Compare(slices.Index(groups, groupOf(x)), slices.Index(groups, groupOf(y)))
	})
	return all
}

// The groups under which findings are listed, those of most worth first. The names of
// the middle ones are verdicts, too.
const (
	measured      = "measured"
	mayDeadlock   = "may deadlock"
	safeRewrite   = "safe rewrite"
	incidental    = string(finding.Incidental)
	reviewRewrite = "rewrite to review"
	unsure        = string(finding.Unsure)
	deliberate    = string(finding.Deliberate)
)

var groups = []string{measured, mayDeadlock, safeRewrite, incidental, reviewRewrite, unsure, deliberate}

// headings stand above the groups of findings.
var headings = map[string]string{
	measured:      "Measured: other goroutines have waited for these locks.",
	mayDeadlock:   "May deadlock: whoever is waited for needs the lock that is held.",
	safeRewrite:   "Safe to rewrite: nothing changes but how long the lock is held.",
	incidental:    "Incidental: nothing suggests that these locks are held on purpose.",
	reviewRewrite: "To review: whether these locks are held on purpose is unclear, but there is a rewrite.",
	unsure:        "Unsure: the signs do not say whether these locks are held on purpose.",
	deliberate:    "Deliberate: these locks look held on purpose.",
}

// verdictOf is what a finding is called in a list without rewrites.
func verdictOf(f *finding.Finding) string {
	if f.MayDeadlock() {
		return mayDeadlock
	}
	return string(f.Verdict.Judgement)
}

// groupOf is what a finding is listed under, with what is offered for it.
func groupOf(e *rewrite.Entry) string {
	verdict, offered := verdictOf(e.Finding), e.Offered()
	switch {
	case e.Finding.Measured() && e.Finding.Shown():
		return measured
	case offered == nil || verdict == mayDeadlock || verdict == deliberate:
		return verdict
	case offered.Plan.Grade() == safety.Safe:
		return safeRewrite
	case verdict == unsure:
		return reviewRewrite
	}
	return verdict
}
