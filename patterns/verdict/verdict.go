// Package verdict says whether a lock is held across a wait by accident or on purpose,
// with the signals for either.
package verdict

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
)

func add(v *finding.Verdict, sign string, at token.Position, format string, args ...any) {
	w := weightOf[sign]
	v.Evidence = append(v.Evidence, finding.Evidence{Sign: sign, Weight: w, Detail: fmt.Sprintf(format, args...), Pos: at})
	v.Score += w
}

// Learn adds what the history says about a finding to the evidence. It changes neither the
// score nor the judgement, which have to be the same in a list that asks no git; but where
// it would make the lock deliberate, no rewrite is offered. A directive takes precedence.
func Learn(f *finding.Finding, sign, detail string) {
	w := weightOf[sign]
	f.Verdict.Evidence = append(f.Verdict.Evidence, finding.Evidence{Sign: sign, Weight: w, Detail: detail})
	f.Meant = f.Directive == nil && JudgementOf(f.Verdict.Score+w) == finding.Deliberate
}

// Learned returns the evidence that [Learn] has added.
func Learned(f *finding.Finding) (finding.Evidence, bool) {
	for _, e := range f.Verdict.Evidence {
		if slices.ContainsFunc(historySigns, func(s Sign) bool { return s.Name == e.Sign }) {
			return e, true
		}
	}
	return finding.Evidence{}, false
}

// Of weighs the signals of a finding.
func Of(x *patterns.Program, f *finding.Finding, st *finding.LockStats, all func() map[*types.Var]*finding.LockStats) finding.Verdict {
	j := &judging{x: x, f: f, s: f.Section, main: f.Main(), stats: st, all: all}
	for _, g := range f.Guarded {
		if g.Total >= 2 && 5*g.Under >= 4*g.Total {
			j.own = append(j.own, g)
		}
	}
	j.see("rate", token.NoPos, "most locks that are held across a wait are held on purpose")
	j.lockSigns()
	j.shareSigns()
	j.wordSigns()
	j.workSigns()
	j.orderSigns()
	j.keepsApart()
	j.waitSigns()
	j.v.Judgement = JudgementOf(j.v.Score)
	return j.v
}

// StartScore is the score of a verdict before any signal.
func StartScore() int { return startScore }

// JudgementOf returns the judgement for a score.
func JudgementOf(score int) finding.Judgement {
	switch {
	case score >= incidentalFrom:
		return finding.Incidental
	case score <= deliberateTo:
		return finding.Deliberate
	}
	return finding.Unsure
}

// judging is the state of judge.
type judging struct {
	x     *patterns.Program
	f     *finding.Finding
	s     *locks.Section
	main  *waits.Op // the operation of most worth
	stats *finding.LockStats
	all   func() map[*types.Var]*finding.LockStats // of the package
	own   []guards.Guarded                         // what the lock guards, without what is only used under it now and then
	v     finding.Verdict
}

// see records a sign that is seen at a position of the finding's unit.
func (j *judging) see(sign string, pos token.Pos, format string, args ...any) {
	at := token.Position{}
	if pos.IsValid() {
		at = j.s.Unit.Position(pos)
	}
	add(&j.v, sign, at, format, args...)
}
