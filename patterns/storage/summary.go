package storage

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// Receiver stands for the receiver of a method, where a parameter number would be.
const Receiver = -1

// A Summary is what a function does to the storage that its arguments refer to. What is
// in none of its lists is only read while the function runs.
type Summary struct {
	Writes []int // to what these parameters refer to
	Elems  []int // to what the elements behind these refer to
	Deep   []int // to all that is reached through these, by reflection or through an interface
	Keeps  []int // what these refer to is kept, or another goroutine uses it
	Holds  []Hold
	Shared []int // results that refer to storage of the package
	Fresh  []Field
}

// A Field is a field of a result that refers to storage which nothing else refers to, not
// even the function's arguments.
type Field struct {
	Result int
	Name   string
}

// A Hold says that what one operand refers to is also what another one refers to, or is
// stored in it.
type Hold struct {
	From, To int

	// FromElem and ToElem mean what the elements behind the operand refer to, not what the
	// operand itself refers to.
	FromElem, ToElem bool

	// Part: the result To may itself be kept in what From refers to, like a map entry that
	// a lookup returns, rather than be something new that holds what From refers to.
	Part bool
}

// Result is the number of the first result in Summary.Holds.
const Result = 1000

// String prints a summary as [ParseSummary] reads it: "-" for a function that only reads,
// "0:w" for one that writes to parameter 0, "recv:d" for one that may write to all that its
// receiver reaches, "0:k" for one that keeps parameter 0, "1>recv" for one that keeps
// parameter 1 in its receiver, "0>r0" for one whose result shares what parameter 0 refers
// to, "r0:s" for one whose result is not the caller's alone, "r0.Body:o" for one with
// something in a field of its result that is the caller's alone.
func (s Summary) String() string {
	var parts []string
	for _, p := range s.Writes {
		parts = append(parts, operand(p)+":w")
	}
	for _, p := range s.Elems {
		parts = append(parts, operand(p)+".:w")
	}
	for _, p := range s.Deep {
		parts = append(parts, operand(p)+":d")
	}
	for _, p := range s.Keeps {
		parts = append(parts, operand(p)+":k")
	}
	for _, h := range s.Holds {
		parts = append(parts, h.String())
	}
	for _, r := range s.Shared {
		parts = append(parts, operand(Result+r)+":s")
	}
	for _, f := range s.Fresh {
		parts = append(parts, operand(Result+f.Result)+"."+f.Name+":o")
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, " ")
}

// String prints a hold: "0>r0", "0.>r0." for elements, or "0*>r0" for a part.
func (h Hold) String() string {
	dot, star := map[bool]string{true: "."}, map[bool]string{true: "*"}
	return operand(h.From) + dot[h.FromElem] + star[h.Part] + ">" + operand(h.To) + dot[h.ToElem]
}

// Changes reports whether the function may change what an operand refers to, or something that
// can be reached from there.
func (s Summary) Changes(operand int) bool {
	return slices.Contains(s.Writes, operand) || slices.Contains(s.Elems, operand) || slices.Contains(s.Deep, operand)
}

// Retains reports whether something other than a result may refer to what an operand refers to
// once the call is over.
func (s Summary) Retains(operand int) bool {
	return slices.Contains(s.Keeps, operand) || slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.From == operand && h.To < Result })
}

// PassesOn reports whether anything may refer to it then, a result or something else.
func (s Summary) PassesOn(operand int) bool {
	return slices.Contains(s.Keeps, operand) || slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.From == operand })
}

// MayKeep reports whether what a parameter refers to may be kept: in the receiver, if that is
// changed at all, or elsewhere.
func (s Summary) MayKeep(parameter int) bool {
	return slices.Contains(s.Keeps, parameter) || s.Changes(Receiver) ||
		slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.To == Receiver })
}

func operand(p int) string {
	switch {
	case p == Receiver:
		return "recv"
	case p >= Result:
		return "r" + strconv.Itoa(p-Result)
	}
	return strconv.Itoa(p)
}

// ParseSummary reads what [Summary.String] prints.
func ParseSummary(text string) (Summary, error) {
	var s Summary
	for _, f := range strings.Fields(text) {
		if f == "-" {
			continue
		}
		if from, to, ok := strings.Cut(f, ">"); ok {
			var h Hold
			var err1, err2 error
			from, h.Part = strings.CutSuffix(from, "*")
			from, h.FromElem = strings.CutSuffix(from, ".")
			to, h.ToElem = strings.CutSuffix(to, ".")
			h.From, err1 = parseOperand(from)
			h.To, err2 = parseOperand(to)
			if err1 != nil || err2 != nil {
				return s, fmt.Errorf("%q is not two operands, as in 0>recv", f)
			}
			s.Holds = append(s.Holds, h)
			continue
		}
		of, what, _ := strings.Cut(f, ":")
		of, elem := strings.CutSuffix(of, ".")
		of, field, _ := strings.Cut(of, ".")
		p, err := parseOperand(of)
		switch {
		case err != nil:
			return s, err
		case field != "" && what != "o":
			return s, fmt.Errorf("%q says nothing known of a field", f)
		case what == "w" && elem:
			s.Elems = append(s.Elems, p)
		case what == "w":
			s.Writes = append(s.Writes, p)
		case what == "d":
			s.Deep = append(s.Deep, p)
		case what == "k":
			s.Keeps = append(s.Keeps, p)
		case what == "s" && p >= Result:
			s.Shared = append(s.Shared, p-Result)
		case what == "o" && p >= Result && field != "":
			s.Fresh = append(s.Fresh, Field{Result: p - Result, Name: field})
		default:
			return s, fmt.Errorf("%q says nothing known of an operand", f)
		}
	}
	return s, nil
}

func parseOperand(s string) (int, error) {
	if s == "recv" {
		return Receiver, nil
	}
	base := 0
	if rest, ok := strings.CutPrefix(s, "r"); ok {
		base, s = Result, rest
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q is no operand: recv, 0, 1, ..., r0, r1, ...", s)
	}
	return base + n, nil
}

// SummaryOf returns what a function of the package does to its arguments.
func (m *Model) SummaryOf(fn *types.Func) (s Summary, ok bool) {
	if m.decls[fn] == nil {
		return s, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.summaryOfAny(fn)
}

// summaryOfCall returns what the called function does to its arguments. For an interface
// method it covers all implementations.
func (m *Model) summaryOfCall(c *ast.CallExpr) (s Summary, ok bool) {
	fn, _ := typeutil.Callee(m.info, c).(*types.Func)
	if fn == nil {
		return s, false
	}
	fn = fn.Origin()
	if s, ok := m.summaryOfAny(fn); ok {
		return s, true
	}
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return s, false
	}
	impl, all := m.world.Implementations(fn)
	impl = Narrow(m.info, m.embedded, c, impl)
	if !all || len(impl) == 0 {
		return s, false
	}
	for i, f := range impl {
		si, ok := m.summaryOfAny(f.Origin())
		if !ok {
			return s, false
		}
		if i == 0 {
			s.Fresh = slices.Clone(si.Fresh)
		}
		s.Fresh = slices.DeleteFunc(s.Fresh, func(x Field) bool { return !slices.Contains(si.Fresh, x) })
		s.Keeps = append(s.Keeps, si.Keeps...)
		s.Writes = append(s.Writes, si.Writes...)
		s.Elems = append(s.Elems, si.Elems...)
		s.Deep = append(s.Deep, si.Deep...)
		s.Holds = append(s.Holds, si.Holds...)
		s.Shared = append(s.Shared, si.Shared...)
	}
	return s, true
}

func (m *Model) summaryOfAny(fn *types.Func) (Summary, bool) {
	if k, ok := m.summaries[fn]; ok {
		return k.s, k.ok
	}
	s, ok := m.summaryOf(fn)
	if !ok {
		s, ok = m.world.Summary(fn)
	}
	m.summaries[fn] = knownSummary{s, ok}
	return s, ok
}

// knownSummary is an answer of summaryOfAny.
type knownSummary struct {
	s  Summary
	ok bool
}

// summaryOf is SummaryOf without the memo.
func (m *Model) summaryOf(fn *types.Func) (s Summary, ok bool) {
	if m.decls[fn] == nil {
		return s, false
	}
	sig := fn.Signature()
	var operands []int
	var places []Class
	add := func(n int, v *types.Var) {
		if v != nil && Refers(v.Type()) {
			operands, places = append(operands, n), append(places, m.placeOf(v))
		}
	}
	add(Receiver, sig.Recv())
	for i := range sig.Params().Len() {
		add(i, sig.Params().At(i))
	}
	params := len(places)
	for i, r := range m.resultsOf(fn) {
		if Refers(sig.Results().At(i).Type()) {
			operands, places = append(operands, Result+i), append(places, r)
		}
	}
	for i := range params {
		m.summarise(&s, operands[i], places[i])
		if m.behindOf[fn]&operandBit(operands[i]) != 0 && !slices.Contains(s.Writes, operands[i]) && !slices.Contains(s.Deep, operands[i]) {
			s.Writes = append(s.Writes, operands[i])
		}
		m.summariseHolds(&s, operands, places, i)
		if t := operandType(sig, operands[i]); HasElements(t) && ElementRefers(t) {
			m.summariseFilled(&s, operands, places[:params], i)
		}
	}
	for i := params; i < len(places); i++ {
		m.summariseResult(&s, operands, places, params, i)
	}
	return s, true
}

// operandType returns the type of the receiver or of a parameter.
func operandType(sig *types.Signature, n int) types.Type {
	if n == Receiver {
		return sig.Recv().Type()
	}
	return sig.Params().At(n).Type()
}

// summarise notes what the function does to what a parameter refers to.
func (m *Model) summarise(s *Summary, operand int, p Class) {
	for i, c := range m.chain(p) {
		f := m.flags[c]
		switch {
		case i > 0 && f&written != 0 && f&deep == 0:
			if !slices.Contains(s.Elems, operand) {
				s.Elems = append(s.Elems, operand)
			}
		case f&deep != 0:
			if !slices.Contains(s.Deep, operand) {
				s.Deep = append(s.Deep, operand)
			}
		case i == 0 && f&(written|changed) != 0:
			s.Writes = append(s.Writes, operand)
		}
	}
}

// summariseHolds notes where what a parameter refers to is kept: in what the
// other operands refer to, or anywhere else.
func (m *Model) summariseHolds(s *Summary, operands []int, places []Class, i int) {
	of := m.chain(places[i])
	if len(of) == 0 {
		return
	}
	for j := range places {
		if j == i || operands[j] < Result && (j < i) != (operands[i] == Receiver) && slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.From == operands[j] && h.To == operands[i] }) {
			continue
		}
		for k, c := range m.chain(places[j]) {
			if at := slices.Index(of, c); at >= 0 {
				s.Holds = append(s.Holds, Hold{From: operands[i], To: operands[j], FromElem: at > 0, ToElem: k > 0})
				break
			}
		}
	}
	holders, elsewhere := m.holders(of[0], places, i)
	for _, j := range holders {
		if !s.relates(operands[i], operands[j]) {
			s.Holds = append(s.Holds, Hold{From: operands[i], To: operands[j]})
		}
	}
	if elsewhere {
		s.Keeps = append(s.Keeps, operands[i])
	}
}

// relates reports whether the summary already says that two operands share something.
func (s *Summary) relates(a, b int) bool {
	return slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.From == a && h.To == b || h.From == b && h.To == a })
}

// summariseResult notes which operands hold what a result refers to in their fields, or
// that others hold it.
func (m *Model) summariseResult(s *Summary, operands []int, places []Class, params, i int) {
	of := m.chain(places[i])
	if len(of) == 0 || m.flags[of[0]]&(shared|kept) == 0 {
		return
	}
	holders, elsewhere := m.holders(of[0], places[:params], i)
	found := false
	for _, j := range holders {
		found = true
		related := false
		for k, h := range s.Holds {
			if h.From == operands[j] && h.To == operands[i] {
				s.Holds[k].Part, related = true, true
			}
		}
		if !related {
			s.Holds = append(s.Holds, Hold{From: operands[j], To: operands[i], Part: true})
		}
	}
	if elsewhere || !found && !slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.To == operands[i] }) && m.flags[of[0]]&(global|kept) != 0 {
		s.Shared = append(s.Shared, operands[i]-Result)
	}
}

// summariseFilled notes which operands hold what the function puts into what a parameter
// refers to.
//
//	func (s *Set) Fill(out []*Item) { out[0] = s.first }
func (m *Model) summariseFilled(s *Summary, operands []int, places []Class, i int) {
	of := m.chain(places[i])
	if len(of) < 2 || m.flags[of[0]]&shared != 0 || m.flags[of[1]]&shared == 0 {
		return
	}
	holders, _ := m.holders(of[1], places, i)
	for _, j := range holders {
		if !s.relates(operands[j], operands[i]) {
			s.Holds = append(s.Holds, Hold{From: operands[j], To: operands[i], ToElem: true, Part: true})
		}
	}
}

// chain lists what a place refers to, what that refers to, and so on.
func (m *Model) chain(p Class) []Class {
	return m.chainFrom(m.find(m.target[m.find(p)]))
}

// maxHolders bounds how many objects are searched for holders of a class.
const maxHolders = 200

// holders lists, by index, the operands whose objects hold a class in a field, directly or
// in an object within. elsewhere reports whether anything else may hold it.
func (m *Model) holders(class Class, places []Class, i int) (found []int, elsewhere bool) {
	if m.flags[class]&(global|kept) == 0 && m.up[class].first == 0 {
		return nil, false
	}
	holderOf := m.holderIn(places, i)
	seen := map[Class]bool{class: true}
	work := []Class{class}
	for len(work) > 0 && len(seen) < maxHolders {
		c := work[0]
		work = work[1:]
		if m.flags[c]&(global|kept) != 0 {
			elsewhere = true
		}
		if j := holderOf(c); j >= 0 {
			if !slices.Contains(found, j) {
				found = append(found, j)
			}
			continue
		}
		for u := range m.leadTo(c) {
			if u = m.find(u); u != 0 && !seen[u] {
				seen[u] = true
				work = append(work, u)
			}
			if len(seen) >= maxHolders {
				break
			}
		}
	}
	slices.Sort(found)
	return found, elsewhere || len(work) > 0
}

// holderIn returns a function that tells which operand, other than i, a class is, or is within:
// its index, or -1. Of several it is the last that refers to the class, or else the first that
// has it in a field.
func (m *Model) holderIn(places []Class, i int) func(Class) int {
	at := make(map[Class]int)
	chains := make([][]Class, len(places))
	for j, p := range places {
		if j != i {
			chains[j] = m.chain(p)
			for _, c := range chains[j] {
				at[c] = j
			}
			at[m.find(p)] = j
		}
	}
	return func(c Class) int {
		if j, ok := at[c]; ok {
			return j
		}
		return slices.IndexFunc(chains, func(chain []Class) bool {
			return slices.ContainsFunc(chain, func(object Class) bool { return m.fieldsWithin(object).has(c) })
		})
	}
}

// maxWithin bounds how deep to look for fields of objects within objects.
const maxWithin = 3

// fieldsWithin returns the places of the fields of the objects in a class, and of objects within
// these. A method that was called may have set them, so nothing else need lead from them to the
// object:
//
//	return new(Writer).init(w)
func (m *Model) fieldsWithin(class Class) classSet {
	if within, ok := m.within[class]; ok {
		return within
	}
	within, seen := make(classSet, len(m.parent)/64+1), make(classSet, len(m.parent)/64+1)
	m.within[class] = within
	seen.add(class)
	level := []Class{class}
	for depth := 1; depth <= maxWithin; depth++ {
		var next []Class
		reach := func(c Class) {
			if c = m.find(c); c != 0 && depth < maxWithin && seen.add(c) {
				next = append(next, c)
			}
		}
		for _, object := range level {
			for _, st := range m.layoutOf().structs[object] {
				for _, c := range m.fieldPlaces(st) {
					within.add(c)
					reach(c)
					reach(m.target[c])
				}
			}
		}
		level = next
	}
	return within
}

// A classSet is a set of classes, a bit each.
type classSet []uint64

// add reports whether the class was not yet in the set.
func (s classSet) add(c Class) bool {
	bit := uint64(1) << (c % 64)
	was := s[c/64]&bit != 0
	s[c/64] |= bit
	return !was
}

// has also answers for classes that are newer than the set, which it does not have.
func (s classSet) has(c Class) bool { return int(c/64) < len(s) && s[c/64]>>(c%64)&1 != 0 }

// fieldPlaces lists the places of the fields of a struct that refer to something.
func (m *Model) fieldPlaces(st *types.Struct) []Class {
	if places, ok := m.fields[st]; ok {
		return places
	}
	var places []Class
	for f := range st.Fields() {
		if c := m.find(m.places[f.Origin()]); c != 0 && Refers(f.Type()) {
			places = append(places, c)
		}
	}
	m.fields[st] = places
	return places
}

// isWriter reports whether a parameter is an [io.Writer], which a function can change only
// by calling its method.
func isWriter(sig *types.Signature, n int) bool {
	return n >= 0 && n < sig.Params().Len() && types.TypeString(sig.Params().At(n).Type(), nil) == "io.Writer"
}

// passOnTo notes that a method may write to what its receiver was made with.
//
//	log := log.New(&s.buf, "", 0)
//	log.Print(text)
func (m *Model) passOnTo(c *ast.CallExpr, fn *types.Func) {
	if recv := fn.Signature().Recv(); recv == nil || m.done || !m.world.Passes(recv.Type()) {
		return
	}
	if x := ReceiverOf(m.info, c); x != nil {
		if p := m.refersTo(m.place(x)); p != 0 {
			m.uses = append(m.uses, Use{Kind: Write, Class: p, Node: x, By: fn.Name(), Receiver: true, Passed: true, Body: m.body, decl: m.decl})
		}
	}
}

// apply applies what a function of another package does to the arguments of a call.
func (m *Model) apply(c *ast.CallExpr, fn *types.Func, s Summary) []Class {
	out := m.newResults(c)
	sig := fn.Signature()
	places := func(p int) []operandPlace { return m.operandPlaces(c, sig, out, p) }
	if fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" {
		s.Writes = nil // they need no lock
	}
	m.passOnTo(c, fn)
	for _, w := range s.Writes {
		for _, o := range places(w) {
			m.use(Use{Kind: Write, Class: m.refersTo(o.argument(m)), Node: o.node, By: fn.Name(), Receiver: w == Receiver || isWriter(sig, w)})
		}
	}
	for _, w := range s.Elems {
		for _, o := range places(w) {
			for _, c := range o.elements(m) {
				m.use(Use{Kind: Write, Class: m.refersTo(c), Node: o.node, By: fn.Name(), Receiver: w == Receiver})
			}
		}
	}
	for _, w := range s.Deep {
		for _, o := range places(w) {
			for _, c := range o.reached(m) {
				m.use(Use{Kind: Write, Class: m.refersTo(c), Node: o.node, By: fn.Name(), Deep: true, Receiver: w == Receiver})
				m.mark(m.refersTo(c), deep)
			}
		}
	}
	for _, k := range s.Keeps {
		for _, o := range places(k) {
			m.mark(m.refersTo(o.place), kept)
		}
	}
	for _, h := range s.Holds {
		for _, from := range places(h.From) {
			for _, to := range places(h.To) {
				m.hold(h, to, from, fn)
			}
		}
	}
	for _, r := range s.Shared {
		if r < len(out) {
			m.mark(out[r], shared)
		}
	}
	return out
}

// hold applies one hold. A named function gets its arguments from an unseen caller.
func (m *Model) hold(h Hold, to, from operandPlace, fn *types.Func) {
	side := func(o operandPlace, elem bool) []Class {
		if elem {
			return o.elements(m)
		}
		return []Class{o.argument(m)}
	}
	sources, targets := side(from, h.FromElem), side(to, h.ToElem)
	for _, a := range sources {
		for _, b := range targets {
			m.flow(b, a)
		}
	}
	if t := m.info.TypeOf(to.node); t == nil || h.To >= Result {
		return
	} else if _, isFunc := t.Underlying().(*types.Signature); !isFunc {
		return
	}
	if _, isLit := ast.Unparen(to.node).(*ast.FuncLit); !isLit && m.functionVariable(to.node) == nil {
		for _, a := range sources {
			m.use(Use{Kind: Lend, Class: m.refersTo(a), Node: to.node, By: fn.Name(), Deep: true})
		}
	}
}

// An operandPlace is the place of an operand of a call, with the expression that stands for
// it: one of several for a variadic parameter.
type operandPlace struct {
	place Class
	node  ast.Expr

	element bool // it is an element of a variadic parameter
	list    bool // it is all elements of one: f(list...)
}

// argument returns the place of the parameter's value. For an element of a variadic parameter
// that is a list with it.
func (o operandPlace) argument(m *Model) Class {
	if !o.element {
		return o.place
	}
	list := m.fresh()
	m.flow(m.refersTo(list), o.place)
	return list
}

// elements returns the places of what a summary means by the elements behind the parameter:
// of an element of a variadic parameter, that and its own elements.
func (o operandPlace) elements(m *Model) []Class {
	switch {
	case !o.element:
		return []Class{m.refersTo(o.place)}
	case HasElements(m.info.TypeOf(o.node)):
		return []Class{o.place, m.refersTo(o.place)}
	}
	return []Class{o.place}
}

// reached returns the places that lead to what code reaches from the parameter.
func (o operandPlace) reached(m *Model) []Class {
	if o.list {
		return []Class{o.place, m.refersTo(o.place)}
	}
	return []Class{o.place}
}

// operandPlaces returns the places of an operand of a call.
func (m *Model) operandPlaces(c *ast.CallExpr, sig *types.Signature, out []Class, p int) []operandPlace {
	switch {
	case p == Receiver:
		x := ReceiverOf(m.info, c)
		if recv := sig.Recv(); x != nil && recv != nil {
			return []operandPlace{{place: m.receiver(x, recv), node: x}}
		}
		return nil
	case p >= Result:
		if p-Result < len(out) {
			return []operandPlace{{place: out[p-Result], node: c}}
		}
		return nil
	}
	var list []operandPlace
	variadic := sig.Variadic() && p == sig.Params().Len()-1
	for _, a := range OperandExprs(m.info, c, p) {
		if pl := m.place(a); pl != 0 && Refers(m.info.TypeOf(a)) {
			list = append(list, operandPlace{pl, a, variadic && !c.Ellipsis.IsValid(), variadic && c.Ellipsis.IsValid()})
		}
	}
	return list
}
