package main

import (
	"encoding/json"
	"go/token"
	"go/types"
	"io"
	"slices"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/cmd/letgo/trial"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/config"
	"github.com/letgo-dev/letgo/patterns/directive"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/guards"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// jsonVersion is the version of the schema of -json, in schema/v1.json. It changes when
// a field changes its name or meaning, or goes; not when one is added.
const jsonVersion = 1

// The types below are the output of -json, which help/json.txt describes.
type (
	jsonReport struct {
		Version  int           `json:"version"`
		Findings []jsonFinding `json:"findings"`
		Problems []jsonProblem `json:"problems"`

		Directives []jsonMistake `json:"directives"`
		Gone       []jsonGone    `json:"gone"`
		Trial      *jsonTrial    `json:"trial,omitempty"`
		Profile    *jsonProfile  `json:"profile,omitempty"`
	}
	jsonTrial struct {
		Runs   int      `json:"runs"`
		Before []string `json:"before"`
		Flaky  []string `json:"flaky"`
		NoRace string   `json:"noRace"`
	}
	jsonTests struct {
		Result  string `json:"result"`
		Failed  string `json:"failed"`
		Message string `json:"message"`
		Race    bool   `json:"race"`
	}
	jsonMistake struct {
		File    string `json:"file"`
		Line    int    `json:"line"`
		Column  int    `json:"column"`
		Message string `json:"message"`
	}
	jsonGone struct {
		Line    int    `json:"line"`
		Message string `json:"message"`
	}
	jsonFinding struct {
		Version  int              `json:"version,omitempty"` // if it is the whole output
		File     string           `json:"file"`
		Line     int              `json:"line"`
		Column   int              `json:"column"`
		Package  string           `json:"package"`
		Function string           `json:"function"`
		Lock     string           `json:"lock"`
		Mode     string           `json:"mode"`
		Message  string           `json:"message"`
		Ops      []jsonOp         `json:"ops"`
		Guarded  []jsonGuarded    `json:"guarded"`
		Verdict  jsonVerdict      `json:"verdict"`
		Deadlock *jsonDeadlock    `json:"deadlock"`
		Delay    *jsonDelay       `json:"delay,omitempty"`
		Plans    []jsonPlan       `json:"plans"`
		Refusals []jsonRefusal    `json:"refusals"`
		Offered  string           `json:"offered"`
		Applied  bool             `json:"applied"`
		Tests    *jsonTests       `json:"tests,omitempty"`
		Source   []app.SourceLine `json:"source,omitempty"`
		Problem  *jsonPlace       `json:"problem,omitempty"`
		Others   []jsonOther      `json:"others,omitempty"`
	}
	jsonPlace struct {
		Text   string `json:"text"`
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	jsonOther struct {
		Lock  string `json:"lock"`
		Inner bool   `json:"inner"`
		Line  int    `json:"line"`
	}
	jsonOp struct {
		Category string    `json:"category"`
		Effect   string    `json:"effect"`
		What     string    `json:"what"`
		Why      string    `json:"why"`
		Weak     string    `json:"weak"`
		Deferred bool      `json:"deferred"`
		Line     int       `json:"line"`
		Column   int       `json:"column"`
		Path     []jsonHop `json:"path"`
		Also     []string  `json:"also"`
	}
	jsonHop struct {
		Func   string `json:"func"`
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	jsonGuarded struct {
		Name     string `json:"name"`
		Type     string `json:"type"`
		Under    int    `json:"under"`
		Total    int    `json:"total"`
		Writes   int    `json:"writes"`
		Declared bool   `json:"declared"`
		Evidence string `json:"evidence"`
	}
	jsonVerdict struct {
		Judgement string         `json:"judgement"`
		Score     int            `json:"score"`
		Directive string         `json:"directive"`
		Evidence  []jsonEvidence `json:"evidence"`
	}
	jsonEvidence struct {
		Sign      string `json:"sign"`
		Direction string `json:"direction"`
		Weight    int    `json:"weight"`
		Detail    string `json:"detail"`
		File      string `json:"file"`
		Line      int    `json:"line"`
	}
	jsonDeadlock struct {
		Message string    `json:"message"`
		Op      int       `json:"op"`
		In      string    `json:"in"`
		Ends    string    `json:"ends"`
		File    string    `json:"file"`
		Line    int       `json:"line"`
		Path    []jsonHop `json:"path"`
		Doubt   string    `json:"doubt"`
		Timed   bool      `json:"timed"`
	}
	jsonPlan struct {
		Shape       string           `json:"shape"`
		OnRequest   bool             `json:"onRequest"`
		Grade       string           `json:"grade"`
		Title       string           `json:"title"`
		Obligations []jsonObligation `json:"obligations"`
		Edits       []jsonEdit       `json:"edits"`
		Diff        string           `json:"diff"`
	}
	jsonObligation struct {
		Condition string `json:"condition"`
		Title     string `json:"title"`
		Status    string `json:"status"`
		Text      string `json:"text"`
		File      string `json:"file"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`

		Also []string `json:"also,omitempty"` // other conditions that the question is about
	}
	jsonEdit struct {
		File  string `json:"file"`
		Start int    `json:"start"`
		End   int    `json:"end"`
		New   string `json:"new"`
	}
	jsonRefusal struct {
		Shape     string `json:"shape"`
		Condition string `json:"condition"`
		Rule      string `json:"rule"`
		Title     string `json:"title"`
		Reason    string `json:"reason"`
		Advice    string `json:"advice"`
		Nearest   bool   `json:"nearest"`
		File      string `json:"file"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
	}
	jsonProblem struct {
		Package  string `json:"package"`
		Position string `json:"position"`
		Reason   string `json:"reason"`
		Message  string `json:"message"`
		More     int    `json:"more"`
		Hint     string `json:"hint"`
		Internal bool   `json:"internal"`
	}
)

// list maps a slice to one that is never nil, so that it prints as [].
func list[T, U any](in []T, f func(T) U) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

// writeJSON prints a value, with the characters of HTML as they are.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printJSON prints the outcome of a run and returns its exit status.
func (a *command) printJSON(o *outcome.Outcome, written map[string]bool) int {
	a.Bar.Stop()
	r := jsonReport{
		Version: jsonVersion,
		Findings: list(outcome.Shown(a.App, o), func(e *rewrite.Entry) jsonFinding {
			f := a.jsonFinding(e)
			f.Applied, f.Tests = applied(e, written), a.jsonTests(e)
			return f
		}),
		Problems: list(o.Problems, func(p outcome.Problem) jsonProblem {
			return jsonProblem{p.Package, p.Pos, p.Reason, p.Msg, p.More, p.Hint, p.Internal}
		}),
		Directives: list(o.Mistakes, func(m directive.Mistake) jsonMistake {
			return jsonMistake{a.Rel(m.Pos.Filename), m.Pos.Line, m.Pos.Column, m.Msg}
		}),
		Profile: a.jsonProfile(o),
		Gone:    list(o.Gone, func(g config.Gone) jsonGone { return jsonGone{g.Line, g.Text} }),
		Trial:   jsonTrialOf(o.Trial),
	}
	if err := writeJSON(a.Stdout, r); err != nil {
		return a.Fail("%v", err)
	}
	return a.status(o, written)
}

func (a *command) jsonFinding(e *rewrite.Entry) jsonFinding {
	f, s := e.Finding, e.Finding.Section
	p := f.Position()
	j := jsonFinding{
		File: a.Rel(p.Filename), Line: p.Line, Column: p.Column,
		Package: s.Unit.Pkg.Path, Function: s.Unit.Name(), Lock: s.Lock.String(), Mode: s.Mode.Acquire(),
		Ops:      list(f.Ops, func(o *waits.Op) jsonOp { return a.jsonOp(s.Unit, o) }),
		Guarded:  list(f.Guarded, a.jsonGuarded),
		Verdict:  a.jsonVerdict(f),
		Deadlock: a.jsonDeadlock(f),
		Delay:    jsonDelayOf(f.Delay),
		Plans:    list(e.Plans, a.jsonPlan),
		Refusals: a.jsonRefusals(s.Unit, e.Refusals),
	}
	if len(f.Ops) > 0 {
		j.Message = f.Message()
	}
	if e.Applied != nil {
		j.Offered = e.Applied.Shape
	}
	return j
}

func (a *command) jsonOp(u *patterns.Unit, o *waits.Op) jsonOp {
	p := u.Position(o.Pos())
	return jsonOp{
		Category: o.Category, Effect: string(o.Effect), What: o.What, Why: o.Why, Weak: o.Weak, Deferred: o.Deferred,
		Line: p.Line, Column: p.Column,
		Path: list(o.Path, a.jsonHop),
		Also: list(o.Also, func(s string) string { return s }),
	}
}

func (a *command) jsonGuarded(g guards.Guarded) jsonGuarded {
	owner := ""
	if p := g.Var.Pkg(); g.Var.IsField() && p != nil {
		if a.Owners[p] == nil {
			if a.Owners == nil {
				a.Owners = make(map[*types.Package]map[*types.Var]string)
			}
			a.Owners[p] = explanation.FieldOwners(p)
		}
		owner = a.Owners[p][g.Var]
	}
	return jsonGuarded{g.Var.Name(), owner, g.Under, g.Total, g.Writes, g.Declared, explanation.EvidenceOf(g)}
}

func (a *command) jsonVerdict(f *finding.Finding) jsonVerdict {
	v := jsonVerdict{Judgement: string(f.Verdict.Judgement), Score: f.Verdict.Score}
	if f.Directive != nil {
		v.Directive = f.Directive.String()
	}
	v.Evidence = list(f.Verdict.Evidence, func(e finding.Evidence) jsonEvidence {
		j := jsonEvidence{Sign: e.Sign, Direction: e.Direction(), Weight: e.Weight, Detail: e.Detail}
		if e.Pos.IsValid() {
			j.File, j.Line = a.Rel(e.Pos.Filename), e.Pos.Line
		}
		return j
	})
	return v
}

// addExtent adds what only "letgo explain" prints: the lines of the section and
// what is to be said of its extent.
func (a *command) addExtent(j *jsonFinding, f *finding.Finding) {
	s := f.Section
	j.Version = jsonVersion
	j.Source = app.SourceOf(s, f.Ops)
	if s.Problem != "" {
		file, line, column := a.position(s.Unit, s.ProblemPos)
		j.Problem = &jsonPlace{s.Problem, file, line, column}
	}
	j.Others = list(s.Others, func(o locks.OtherLock) jsonOther {
		return jsonOther{o.Lock.String(), o.Inner, s.Unit.Position(o.Pos).Line}
	})
}

func (a *command) jsonDeadlock(f *finding.Finding) *jsonDeadlock {
	d := f.Deadlock
	if d == nil {
		return nil
	}
	return &jsonDeadlock{
		Message: d.Message(), Op: slices.Index(f.Ops, d.Op), In: d.In, Ends: d.Ends,
		File: a.Rel(d.EndsAt.Filename), Line: d.EndsAt.Line, Path: list(d.Path, a.jsonHop), Doubt: d.Doubt, Timed: d.Timed,
	}
}

func (a *command) jsonHop(h patterns.Hop) jsonHop {
	return jsonHop{h.Func, a.Rel(h.At.Filename), h.At.Line, h.At.Column}
}

func (a *command) jsonPlan(v *verify.Verified) jsonPlan {
	p := v.Plan
	u := p.Finding.Section.Unit
	j := jsonPlan{Shape: p.Shape, OnRequest: p.OnRequest, Grade: string(p.Grade()), Title: p.Title, Edits: []jsonEdit{}}
	proved := slices.DeleteFunc(slices.Clone(p.Obligations), func(o safety.Obligation) bool { return o.Status == safety.Assumed })
	j.Obligations = list(append(p.Assumptions(), proved...), func(o safety.Obligation) jsonObligation {
		file, line, column := a.position(u, o.Pos)
		return jsonObligation{string(o.Condition), o.Condition.Title(), string(o.Status), o.Text, file, line, column, conditionIDs(o.Also)}
	})
	for _, c := range v.Changes {
		for _, e := range outcome.DiskEdits(c.File, c.Edits) {
			j.Edits = append(j.Edits, jsonEdit{a.Rel(c.File.Name), e.Start, e.End, e.New})
		}
	}
	j.Diff = explanation.PlanDiff(a.App, v)
	return j
}

func conditionIDs(list []safety.Condition) []string {
	var ids []string
	for _, c := range list {
		ids = append(ids, string(c))
	}
	return ids
}

func (a *command) jsonRefusals(u *patterns.Unit, refusals []*safety.Refusal) []jsonRefusal {
	nearest := rewrite.Nearest(refusals)
	return list(refusals, func(r *safety.Refusal) jsonRefusal {
		file, line, column := a.position(u, r.Pos)
		rule := ""
		if r.Rule != "" {
			rule = r.Name()
		}
		return jsonRefusal{
			Shape: r.Shape, Condition: string(r.Condition), Rule: rule, Title: r.Condition.Title(),
			Reason: r.Reason, Advice: r.Advice(), Nearest: r == nearest, File: file, Line: line, Column: column,
		}
	})
}

func (a *command) position(u *patterns.Unit, pos token.Pos) (file string, line, column int) {
	if !pos.IsValid() {
		return "", 0, 0
	}
	p := u.Position(pos)
	return a.Rel(p.Filename), p.Line, p.Column
}

func (a *command) jsonTests(e *rewrite.Entry) *jsonTests {
	r, ok := a.Tried[e]
	switch {
	case !ok:
		return nil
	case r.Failure != nil:
		return &jsonTests{outcome.TestsFailed, r.Failure.Name(), r.Failure.Message, r.Failure.Race}
	case r.Coverage == trial.Uncovered:
		return &jsonTests{Result: outcome.TestsNotCovered}
	}
	return &jsonTests{Result: outcome.TestsPassed}
}

func jsonTrialOf(r *trial.Report) *jsonTrial {
	if r == nil {
		return nil
	}
	return &jsonTrial{r.Runs, list(r.Before, trial.Failure.Name), list(r.Flaky, trial.Failure.Name), r.NoRace}
}
