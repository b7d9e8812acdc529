package patterns

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
)

func (v *Verdict) add(sign string, at token.Position, format string, args ...any) {
	w := weightOf[sign]
	v.Evidence = append(v.Evidence, Evidence{sign, w, fmt.Sprintf(format, args...), at})
	v.Score += w
}

// Learn adds what the history says of a finding to its verdict: a sign of purpose. A
// directive counts for more.
func (f *Finding) Learn(sign, detail string) {
	f.Verdict.add(sign, token.Position{}, "%s", detail)
	if f.Directive == nil {
		f.Verdict.Judgement = JudgementOf(f.Verdict.Score)
	}
}

// Learned returns the evidence that [Finding.Learn] has added.
func (f *Finding) Learned() (Evidence, bool) {
	for _, e := range f.Verdict.Evidence {
		if slices.ContainsFunc(historySigns, func(s Sign) bool { return s.Name == e.Sign }) {
			return e, true
		}
	}
	return Evidence{}, false
}

// judge weighs the signs of a finding.
func (x *Program) judge(f *Finding, st *lockStats, all func() map[*types.Var]*lockStats) Verdict {
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
	j.waitSigns()
	j.v.Judgement = JudgementOf(j.v.Score)
	return j.v
}

// StartScore is the sum that a verdict starts from, before any sign.
func StartScore() int { return startScore }

// JudgementOf returns the judgement that a sum of weights stands for.
func JudgementOf(score int) Judgement {
	switch {
	case score >= incidentalFrom:
		return Incidental
	case score <= deliberateTo:
		return Deliberate
	}
	return Unsure
}

// judging is the state of judge.
type judging struct {
	x     *Program
	f     *Finding
	s     *Section
	main  *Op // the operation of most worth
	stats *lockStats
	all   func() map[*types.Var]*lockStats // of the package
	own   []Guarded                        // what the lock guards, without what is only used under it now and then
	v     Verdict
}

// see records a sign that is seen at a position of the finding's unit.
func (j *judging) see(sign string, pos token.Pos, format string, args ...any) {
	at := token.Position{}
	if pos.IsValid() {
		at = j.s.Unit.Position(pos)
	}
	j.v.add(sign, at, format, args...)
}
