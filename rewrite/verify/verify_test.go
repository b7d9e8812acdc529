package verify_test

import (
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/tree"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

const verifySource = `package p

import (
	"os"
	"sync"
	"sync/atomic"
)

type Store struct {
	mu   sync.RWMutex
	n    int
	data []byte
	read atomic.Bool
}

// Load counts the call and reads the file.
func (s *Store) Load(name string) error {
	s.mu.Lock()
	s.n++ // one more
	data, err := os.ReadFile(name)
	s.data = data
	s.mu.Unlock()
	s.read.Store(true)
	return err
}

func (s *Store) N() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n + len(s.data)
}

func Exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
`

// A wrongPlan is a plan for the finding in [verifySource] that the verification
// refuses.
type wrongPlan struct {
	name string
	ops  []tree.Op
	want string // in the refusal; "" if the plan is good
}

func (p wrongPlan) plan(f *patterns.Finding) *plan.Plan {
	return &plan.Plan{Shape: "test", Finding: f, Script: tree.Script{Decl: f.Section.Unit.Decl, Ops: p.ops}}
}

// oneFinding loads a module of one file, in which one section is found.
func oneFinding(t *testing.T, source string) (*patterns.Program, *patterns.Finding) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example.com/p\n\ngo 1.26\n", "p.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	res, err := load.Load(load.Config{Dir: dir}, ".")
	if err != nil {
		t.Fatal(err)
	}
	x := patterns.NewProgram(res.Packages, nil)
	findings := x.Find(patterns.Options{})
	if len(findings) != 1 {
		t.Fatalf("%d findings, want 1", len(findings))
	}
	return x, findings[0]
}

// wrongPlans loads [verifySource] and makes plans for it.
func wrongPlans(t *testing.T) (*patterns.Program, *patterns.Finding, []wrongPlan) {
	t.Helper()
	x, f := oneFinding(t, verifySource)
	body := f.Section.Unit.Decl.Body.List
	lock, count, read, store, unlock, flag := body[0], body[1], body[2], body[3], body[4], body[5]
	early := tree.MoveBefore{Stmts: []ast.Stmt{unlock}, To: read}
	relock := tree.InsertBefore{Stmt: store, Code: "s.mu.Lock()"}
	release := tree.InsertAfter{Stmt: store, Code: "s.mu.Unlock()"}

	return x, f, []wrongPlan{
		{name: "a good split", ops: []tree.Op{early, relock, release}, want: ""},
		{name: "nothing", ops: nil, want: "changes nothing"},
		{name: "still there", ops: []tree.Op{tree.MoveAfter{Stmts: []ast.Stmt{count}, To: read}}, want: "S15 (residue): verification: the finding is still there"},
		{name: "does not compile", ops: []tree.Op{tree.InsertBefore{Stmt: read, Code: "missing()"}}, want: "does not type-check: undefined: missing"},
		{name: "bad code", ops: []tree.Op{tree.InsertBefore{Stmt: read, Code: "if {"}}, want: "the edit cannot be carried out"},
		{name: "guarded use left outside", ops: []tree.Op{early}, want: "S1 (guarded): verification: data would be used without s.mu"},
		{name: "not released", ops: []tree.Op{early, relock}, want: "S11 (balance): verification: the lock is acquired here and released elsewhere"},
		{name: "an empty section", ops: []tree.Op{early, relock, release, tree.InsertBefore{Stmt: lock, Code: "s.mu.Lock()\ns.mu.Unlock()"}}, want: "locks and unlocks with nothing in between"},
		{name: "a new finding", ops: []tree.Op{early, relock, release, tree.InsertAfter{Stmt: store, Code: "os.Remove(name)"}}, want: "S15 (residue)"},
		{name: "another side of the lock", ops: []tree.Op{early, tree.InsertBefore{Stmt: store, Code: "s.mu.RLock()"}, tree.InsertAfter{Stmt: store, Code: "s.mu.RUnlock()"}},
			want: "S16 (read lock): verification: s.mu would be taken by RLock"},
		{name: "the call is gone", ops: []tree.Op{tree.ReplaceStmt{Stmt: read, Code: "data, err := []byte(nil), error(nil)"}},
			want: "S17 (error path): verification: the result would lack a call of os.ReadFile"},
		{name: "an atomic store is gone", ops: []tree.Op{early, relock, release, tree.ReplaceStmt{Stmt: flag, Code: "_ = s.read.Load()"}},
			want: "S17 (error path): verification: the result would lack a call of (*sync/atomic.Bool).Store"},
	}
}

// TestVerify carries out plans that are wrong on purpose: each must be refused
// by the check that is there for it.
func TestVerify(t *testing.T) {
	x, f, tests := wrongPlans(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v, refusal := verify.Verify(x, test.plan(f))
			switch {
			case test.want == "" && refusal != nil:
				t.Errorf("refused: %v", refusal)
			case test.want == "" && !strings.Contains(string(v.Changes[0].Content()), "s.n++ // one more"):
				t.Errorf("the comment is gone:\n%s", v.Changes[0].Content())
			case test.want != "" && refusal == nil:
				t.Errorf("not refused; the result is\n%s", v.Changes[0].Content())
			case test.want != "" && !strings.Contains(refusal.Error(), test.want):
				t.Errorf("refused with %q, want %q", refusal, test.want)
			}
		})
	}
}

// TestUnanswered checks that a plan which does not speak of a condition is refused.
func TestUnanswered(t *testing.T) {
	x, f, plans := wrongPlans(t)
	for _, missing := range safety.Conditions() {
		shape := shapes.Shape{Name: "test", Plan: func(*site.Site) (*plan.Plan, *safety.Refusal) {
			p := plans[0].plan(f)
			for _, c := range safety.Conditions() {
				if c != missing {
					p.Obligations = append(p.Obligations, safety.Obligation{Condition: c, Status: safety.Proved, Text: "it holds"})
				}
			}
			return p, nil
		}}
		p := rewrite.Propose(x, f, []shapes.Shape{shape})
		if missing == safety.S12 { // is decided by the script
			if len(p.Plans) != 1 {
				t.Errorf("without %s: refused: %v", missing, p.Refusals)
			}
			continue
		}
		if len(p.Refusals) != 1 || p.Refusals[0].Condition != missing {
			t.Errorf("without %s: %d plans, refusals %v", missing, len(p.Plans), p.Refusals)
		}
	}
}
