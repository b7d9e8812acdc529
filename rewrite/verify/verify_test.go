package verify_test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/analyse"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/patterns/waits"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/safety"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/site"
	"github.com/letgo-dev/letgo/rewrite/textedit"
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

// A wrongPlan is a plan for the finding in [verifySource] that the verification must refuse,
// unless want is empty.
type wrongPlan struct {
	name string
	ops  []tree.Op
	want string // in the refusal; "" if the plan is good
}

func (p wrongPlan) plan(f *finding.Finding) *plan.Plan {
	return &plan.Plan{Shape: "test", Finding: f, Script: tree.Script{Decl: f.Section.Unit.Decl, Ops: p.ops}}
}

// oneFinding loads a module with one file in which letgo finds one section.
func oneFinding(t *testing.T, source string) (*patterns.Program, *finding.Finding) {
	t.Helper()
	x, findings := allFindings(t, source)
	if len(findings) != 1 {
		t.Fatalf("%d findings, want 1", len(findings))
	}
	return x, findings[0]
}

// allFindings loads a module with one file and returns its findings.
func allFindings(t *testing.T, source string) (*patterns.Program, []*finding.Finding) {
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
	x := analyse.NewProgram(res.Packages, nil)
	return x, find.All(x, waits.Options{})
}

// wrongPlans loads [verifySource] and makes plans for it.
func wrongPlans(t *testing.T) (*patterns.Program, *finding.Finding, []wrongPlan) {
	t.Helper()
	x, f := oneFinding(t, verifySource)
	return x, f, wrongPlansFor(f)
}

// wrongPlansFor makes the plans for a finding like that of [verifySource].
func wrongPlansFor(f *finding.Finding) []wrongPlan {
	body := f.Section.Unit.Decl.Body.List
	lock, count, read, store, unlock, flag := body[0], body[1], body[2], body[3], body[4], body[5]
	early := tree.MoveBefore{Stmts: []ast.Stmt{unlock}, To: read}
	relock := tree.InsertBefore{Stmt: store, Code: "s.mu.Lock()"}
	release := tree.InsertAfter{Stmt: store, Code: "s.mu.Unlock()"}

	return []wrongPlan{
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

// TestVerify verifies plans that are wrong on purpose. Each must be refused by the check made
// for it.
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

// TestUnanswered checks that a plan that does not mention a condition is refused.
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
		if missing == safety.S12 { // decided by the script
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

// severalStores returns [verifySource] with n stores, and a function that calls a method of the
// last one under a lock.
func severalStores(n int) string {
	before, after, _ := strings.Cut(verifySource, "type Store struct")
	store, _, _ := strings.Cut("type Store struct"+after, "func Exists")
	var b strings.Builder
	b.WriteString(before)
	for i := range n {
		name := fmt.Sprintf("Store%d", i)
		b.WriteString(strings.NewReplacer("type Store ", "type "+name+" ", "*Store)", "*"+name+")").Replace(store))
	}
	fmt.Fprintf(&b, `
var all sync.Mutex

func (s *Store%[1]d) Names() []string { return nil }

func Names(s *Store%[1]d) []string {
	all.Lock()
	defer all.Unlock()
	return s.Names()
}
`, n-1)
	return b.String()
}

// TestAll checks that plans get the same verdicts together as alone.
func TestAll(t *testing.T) {
	_, _, kinds := wrongPlans(t)
	x, findings := allFindings(t, severalStores(2*len(kinds)))
	if len(findings) != 2*len(kinds) {
		t.Fatalf("%d findings, want %d", len(findings), 2*len(kinds))
	}
	var plans []*plan.Plan
	for i, f := range findings { // each kind of plan twice, in different functions
		plans = append(plans, wrongPlansFor(f)[i%len(kinds)].plan(f))
	}
	verdicts, state := verify.All(x, findings[0].Section.Unit.Pkg, plans)
	if state != nil {
		t.Error("there is a state with all plans, though some are refused")
	}
	good := 0
	for i, p := range plans {
		v, refusal := verify.Verify(x, p)
		got := verdicts[i]
		if (v == nil) != (got.Verified == nil) || fmt.Sprint(refusal) != fmt.Sprint(got.Refusal) {
			t.Errorf("%s: together %v, alone %v", kinds[i%len(kinds)].name, got.Refusal, refusal)
		}
		if v != nil {
			good++
			if was, is := string(v.Changes[0].Content()), string(got.Verified.Changes[0].Content()); was != is {
				t.Errorf("%s: together\n%s\nalone\n%s", kinds[i%len(kinds)].name, is, was)
			}
		}
	}
	if good != 2 {
		t.Errorf("%d plans are good, want 2", good)
	}
}

// TestAllBreaksOthers checks that [verify.All] notices plans that break other functions: with an
// import, by changing a field, or by making another function wait under its lock. The other
// plans must not suffer.
func TestAllBreaksOthers(t *testing.T) {
	x, findings := allFindings(t, severalStores(5)+"\nvar errors = 1\n")
	p := findings[0].Section.Unit.Pkg
	file := p.Files[0]
	var plans []*plan.Plan
	for _, f := range findings {
		plans = append(plans, wrongPlansFor(f)[0].plan(f))
	}
	add := func(i int, path, code string) {
		q := plans[i]
		q.Imports = []plan.Import{{File: file, Path: path}}
		q.Script.Ops = append(q.Script.Ops, tree.InsertBefore{Stmt: findings[i].Section.Unit.Decl.Body.List[0], Code: code})
	}
	add(0, "strings", "_ = strings.ToUpper(name)")
	add(1, "strings", "_ = strings.ToUpper(name)")
	add(2, "errors", "_ = errors.New(name)")
	at := strings.Index(string(file.Content), "type Store3 struct")
	at += strings.Index(string(file.Content[at:]), "n    int")
	plans[3].Outside = []plan.OutsideEdit{{File: file, Edit: textedit.Edit{Start: at, End: at + 1, New: "m"}}}
	for _, d := range file.Syntax.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == "Names" && d.Recv != nil {
			plans[4].Others = []tree.Script{{Decl: d, Ops: []tree.Op{tree.InsertBefore{Stmt: d.Body.List[0], Code: `os.Remove("x")`}}}}
		}
	}
	verdicts, _ := verify.All(x, p, plans)
	for i, want := range []string{"", "", "errors already declared", "s.n undefined", "a finding that was not there: example.com/p|Names|all"} {
		_, alone := verify.Verify(x, plans[i])
		switch r := verdicts[i].Refusal; {
		case fmt.Sprint(r) != fmt.Sprint(alone):
			t.Errorf("plan %d: together %v, alone %v", i, r, alone)
		case want == "" && r != nil:
			t.Errorf("plan %d: refused: %v", i, r)
		case want != "" && (r == nil || !strings.Contains(r.Error(), want)):
			t.Errorf("plan %d: %v, want %q", i, r, want)
		}
	}
	state := verify.Together(x, p, plans[:2])
	if state == nil || strings.Count(string(state.Package.Files[0].Content), `"strings"`) != 1 {
		t.Error("two plans with one import are not carried out together")
	}
	if verify.Together(x, p, plans[:3]) != nil {
		t.Error("a plan that does not type-check is carried out with others")
	}
}
