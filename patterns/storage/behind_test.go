package storage_test

import (
	"go/ast"
	"testing"
)

// TestBehind looks at what summaries say of writes behind the fields of an
// operand: the comment above each function is its summary.
func TestBehind(t *testing.T) {
	checkSummaries(t, `package p

import "sync"

type inner struct { m map[string]int }
type outer struct { mu sync.Mutex; in *inner; list []int; next *outer; buf [4]byte }
type embedding struct { *outer }

//recv:w
func (o *outer) direct() { o.list[0] = 1 }
//recv:w
func (o *outer) deeper() { o.in.m["a"]++ }
//recv:w
func (o *outer) byAlias() { l := o.list; l[0] = 1 }
//0:w
func byCall(o *outer, n int) { o.direct() }
//1:w
func bySecond(n int, o *outer) { byCall(o, n) }
//0:w
func ofPart(o *outer) { put(o.in) }
//0:w
func put(in *inner) { in.m["a"] = 1 }
//0:w
func inTurn(o *outer, n int) { if n > 0 { inTurnToo(o, n-1) } }
//0:w
func inTurnToo(o *outer, n int) { o.list[n] = 1; inTurn(o, n) }
//0:w
func inLiteral(o *outer) { func() { o.list[0] = 1 }() }
//0:w
func onlyOne(o, other *outer) { o.list[0] = other.list[0] }
//0:w
func ofArray(o *outer) { b := o.buf[:]; b[0] = 1 }
//0:w
func ofEmbedded(e *embedding) { e.list[0] = 1 }
//-
func locks(o *outer) int { o.mu.Lock(); defer o.mu.Unlock(); return o.list[0] }
//-
func ownObject(n *inner) int { o := &outer{list: []int{1}}; o.list[0] = n.m["a"]; return o.list[0] }
`)
}

// TestHolds looks at what summaries say of operands that hold others, also in fields that a
// function of the package sets.
func TestHolds(t *testing.T) {
	checkSummaries(t, `package p

type inner struct { n int }
type outer struct { in *inner; list []*inner }
type nested struct { o outer }

//recv:w 0>recv
func (o *outer) init(in *inner) { o.in = in }
//0>r0
func byMethod(in *inner) *outer { o := new(outer); o.init(in); return o }
//0>r0
func within(in *inner) *nested { n := new(nested); n.o.init(in); return n }
//recv:w 0>recv
func (o *outer) whole(in *inner) { *o = outer{in: in} }
//0:w recv*>0.
func (o *outer) fill(out []*inner) { out[0] = o.in }
//1:w 0>1.
func choose(in *inner, out **inner) { *out = in }
//0.>r0
func first(list ...*inner) *inner { return list[0] }
`)
}

// checkSummaries compares the summaries of functions with the comments above them.
func checkSummaries(t *testing.T, src string) {
	t.Helper()
	_, files, m := modelOf(t, src)
	for _, d := range files[0].Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		want := fn.Doc.List[0].Text[2:]
		s, ok := m.SummaryOf(m.Function(fn))
		if got := s.String(); !ok || got != want {
			t.Errorf("%s: %s, want %s", fn.Name.Name, got, want)
		}
	}
}
