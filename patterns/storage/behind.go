package storage

import (
	"go/ast"
	"go/types"
	"math/bits"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// A write behind a field of an object that a function is given,
//
//	func (r *Request) AddCookie(c *Cookie) { r.Header.Set("Cookie", c.String()) }
//
// is not a write to the object itself, and a field has one place for all objects of its
// type. So summaries need to know which parameters lead to the fields that the function
// writes behind, itself or in other functions of the package.

// operandSet is a set of operands: the receiver is the first bit, parameters
// follow.
type operandSet uint64

// maxOperands is how many operands fit into a set; functions with more of them are
// rare, and the last one stands for all that follow.
const maxOperands = 64

func operandBit(n int) operandSet { return 1 << min(n-Receiver, maxOperands-1) }

// behind is what functions write behind the fields of their operands.
type behind struct {
	m       *Model
	writes  map[*ast.FuncDecl][]ast.Expr // what a function itself writes to through fields
	results map[*types.Func]operandSet
	readers map[*types.Func]*behindReader
}

// findBehind rereads, callees before callers, the functions that write to something through
// fields, themselves or in their callees.
func (m *Model) findBehind(groups [][]*types.Func) {
	b := &behind{m: m, writes: make(map[*ast.FuncDecl][]ast.Expr), results: make(map[*types.Func]operandSet), readers: make(map[*types.Func]*behindReader)}
	for _, u := range m.uses {
		if u.Kind != Read && u.decl != nil && m.flags[m.find(u.Class)]&shared != 0 && !(u.Receiver && m.world.Concurrent(m.info.TypeOf(u.Node))) {
			b.writes[u.decl] = append(b.writes[u.decl], u.Node)
		}
	}
	for _, fns := range groups {
		for again := true; again; {
			again = false
			for _, fn := range fns {
				if set := b.of(fn); set != b.results[fn] {
					b.results[fn] = set
					again = len(fns) > 1
				}
			}
		}
	}
	m.behindOf = b.results
}

// of returns the operands of a function behind whose fields it writes.
func (b *behind) of(fn *types.Func) operandSet {
	m, d := b.m, b.m.decls[fn]
	if len(b.writes[d]) == 0 && !slices.ContainsFunc(m.calleesOf[fn], func(f *types.Func) bool { return b.results[f] != 0 }) {
		return 0
	}
	r := b.readers[fn]
	if r == nil {
		r = b.read(fn)
		b.readers[fn] = r
	}
	var set operandSet
	if len(r.of) > 0 {
		for _, e := range b.writes[d] {
			set |= r.leadTo(e)
		}
		set |= r.given()
	}
	return set
}

// read reads a function: which operands lead to which classes, and the calls in it.
func (b *behind) read(fn *types.Func) *behindReader {
	m := b.m
	r := &behindReader{behind: b, of: make(map[Class]operandSet)}
	if recv := fn.Signature().Recv(); recv != nil && !m.world.Concurrent(recv.Type()) {
		r.parameter(Receiver, recv)
	}
	for i := range fn.Signature().Params().Len() {
		r.parameter(i, fn.Signature().Params().At(i))
	}
	if len(r.of) == 0 {
		return r
	}
	parts := m.parts[m.decls[fn]]
	r.calls = parts.calls
	for again := true; again; {
		again = false
		for _, sel := range slices.Backward(parts.selected) { // inner ones come after those around them
			again = r.field(sel) || again
		}
	}
	return r
}

// behindReader knows which operands of one function lead to which classes.
type behindReader struct {
	*behind
	of    map[Class]operandSet
	calls []*ast.CallExpr
}

func (r *behindReader) parameter(n int, v *types.Var) {
	if v != nil && Refers(v.Type()) {
		r.leads(r.placeWith(v), operandBit(n))
	}
}

// placeWith returns the place of a variable, and makes it with what it refers to if it is
// new.
func (r *behindReader) placeWith(v *types.Var) Class {
	c := r.m.placeOf(v)
	if Refers(v.Type()) {
		r.m.refers(c)
	}
	return c
}

// leads notes that operands lead to what is in a place. It reports whether that is
// news.
func (r *behindReader) leads(place Class, set operandSet) bool {
	news := false
	for _, c := range r.m.chainFrom(r.m.find(place)) {
		if c != 0 && r.of[c]&set != set {
			r.of[c] |= set
			news = true
		}
	}
	return news
}

// leadTo returns the operands that lead to what an expression denotes or refers to. For a
// field, those are the operands that lead to its object.
func (r *behindReader) leadTo(e ast.Expr) operandSet {
	if sel, ok := pathBase(e).(*ast.SelectorExpr); ok {
		if s := r.m.info.Selections[sel]; s != nil && s.Kind() == types.FieldVal {
			return r.of[r.m.find(r.m.object(sel))]
		}
	}
	p := r.m.place(e)
	return r.of[r.m.find(p)] | r.of[r.m.refersTo(p)]
}

// field follows a field of an object that operands lead to. It reports whether it found
// anything new.
func (r *behindReader) field(sel *ast.SelectorExpr) bool {
	set := r.of[r.m.find(r.m.object(sel))]
	if set == 0 {
		return false
	}
	s, news := r.m.info.Selections[sel], false
	t := s.Recv()
	for _, i := range s.Index() {
		f := StructOf(t).Field(i)
		news = r.leads(r.placeWith(f), set) || news
		t = f.Type()
	}
	return news
}

// given returns the operands that are passed, whole or in part, to functions of the package
// that write behind their fields.
func (r *behindReader) given() operandSet {
	m := r.m
	var set operandSet
	for _, c := range r.calls {
		fn, _ := typeutil.Callee(m.info, c).(*types.Func)
		if fn == nil {
			continue
		}
		list := []*types.Func{fn.Origin()}
		if types.IsInterface(receiverType(fn)) {
			list, _ = m.world.Implementations(fn.Origin())
			list = Narrow(m.info, m.embedded, c, list)
		}
		var written operandSet
		for _, f := range list {
			written |= r.results[f.Origin()]
		}
		for ; written != 0; written &= written - 1 {
			for _, x := range OperandExprs(m.info, c, bits.TrailingZeros64(uint64(written))+Receiver) {
				set |= r.leadTo(x)
			}
		}
	}
	return set
}
