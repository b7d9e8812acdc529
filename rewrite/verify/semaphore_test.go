package verify_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite"
	"github.com/letgo-dev/letgo/rewrite/plan"
	"github.com/letgo-dev/letgo/rewrite/shapes"
	"github.com/letgo-dev/letgo/rewrite/tree"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

const semaphoreSource = `package p

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
)

type Store struct {
	mu   sync.Mutex
	n    int
	read atomic.Bool
}

func New() *Store { return &Store{} }

func (s *Store) Load(ctx context.Context, url string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	_, err := http.Get(url)
	s.read.Store(true)
	return err
}
`

// TestVerifySemaphore verifies plans that turn the lock into a semaphore and also do something
// wrong: no check may be skipped for such a plan.
func TestVerifySemaphore(t *testing.T) {
	for _, test := range []struct {
		name string
		op   func(body []ast.Stmt) tree.Op
		want string
	}{
		{"as planned", nil, ""},
		{"an atomic store is gone", func(body []ast.Stmt) tree.Op { return tree.ReplaceStmt{Stmt: body[4], Code: "_ = s.read.Load()"} },
			"S17 (error path): verification: the result would lack a call of (*sync/atomic.Bool).Store"},
		{"a guarded use comes earlier", func(body []ast.Stmt) tree.Op { return tree.MoveBefore{Stmts: body[2:3], To: body[0]} },
			"S1 (guarded): verification: in Load, s.mu would not be taken and released where it was"},
		{"released once more", func(body []ast.Stmt) tree.Op { return tree.InsertAfter{Stmt: body[4], Code: "s.mu.Release(1)"} },
			"S11 (balance): verification: 1 calls of Unlock have become 2 of Release"},
	} {
		t.Run(test.name, func(t *testing.T) {
			x, p := semaphorePlan(t)
			if test.op != nil {
				p.Script.Ops = append(slices.Clone(p.Script.Ops), test.op(p.Finding.Section.Unit.Decl.Body.List))
			}
			_, refusal := verify.Verify(x, p)
			switch {
			case test.want == "" && refusal != nil:
				t.Errorf("refused: %v", refusal)
			case test.want != "" && (refusal == nil || !strings.Contains(refusal.Error(), test.want)):
				t.Errorf("refused with %v, want %q", refusal, test.want)
			}
		})
	}
}

// semaphorePlan loads [semaphoreSource] and makes a context-lock plan for it.
func semaphorePlan(t *testing.T) (*patterns.Program, *plan.Plan) {
	t.Helper()
	x, f := oneFinding(t, semaphoreSource)
	p := rewrite.Propose(x, f, []shapes.Shape{shapes.ContextLock})
	if len(p.Plans) != 1 {
		t.Fatalf("no plan: %v", p.Refusals)
	}
	return x, p.Plans[0]
}
