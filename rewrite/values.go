package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/letgo-dev/letgo/patterns"
)

// An Extraction is a guarded value that is copied to a local variable before
// the lock is released, because the window needs it.
type Extraction struct {
	Path    patterns.Path // of the value, or of what it is an element or the length of
	Part    bool          // it is an element, or the length
	Operand bool          // it is any expression, evaluated right before the statement
	From    []*types.Var  // what an operand reads; see [Extraction.sources]
	Uses    []ast.Expr    // in the window, in source order; the first is how the source spells it

	// Cloned: the elements are copied too, because a section changes them.
	Cloned bool
}

// extractions finds the guarded reads of the window that can be made before
// it: whole selections such as s.url whose evaluation cannot fail. While the
// lock was held throughout, nobody could change them in between, so reading
// them early reads the same value.
func (s *Site) extractions(window []ast.Stmt) []Extraction {
	var out []Extraction
	changes := s.changesIn(window)
	for _, e := range s.selections(window) {
		if s.detach.has(e) {
			continue
		}
		if s.guardedRead(e) == nil || !s.extractable(e) || s.followed(e) || slices.ContainsFunc(changes, func(a *patterns.Access) bool { return within(a.Node, e) }) {
			continue
		}
		p, _ := patterns.PathOf(s.Info, e)
		i := slices.IndexFunc(out, func(x Extraction) bool { return !x.Part && x.Path.String() == p.String() && x.Path.Root == p.Root })
		if i < 0 {
			out = append(out, Extraction{Path: p})
			i = len(out) - 1
		}
		out[i].Uses = append(out[i].Uses, e)
		out[i].Cloned = s.cloning && !s.detach.empties(p) && refsOf(p.Last().Type(), 0) == aliases && s.storageChange(p.Last()) != nil
	}
	return append(s.lengthExtractions(out, window), s.elementExtractions(window)...)
}

// followed reports whether an expression is a pointer that is followed right there to
// what a section changes: what it points to is the value to be taken out.
func (s *Site) followed(e ast.Expr) bool {
	star, ok := s.parents[e].(*ast.StarExpr)
	if !ok {
		return false
	}
	_, isStruct := structType(s.Info.TypeOf(star))
	p, ok := patterns.PathOf(s.Info, e)
	return ok && !isStruct && s.storageChange(p.Last()) != nil
}

// sources lists the guarded variables that an extracted value comes from.
func (x Extraction) sources() []*types.Var {
	if x.Operand {
		return x.From
	}
	return ownersOf(x.Path)
}

// reads reports whether an extracted value comes from a variable.
func (x Extraction) reads(v *types.Var) bool { return slices.Contains(x.sources(), v) }

// String spells the value as the source does.
func (x Extraction) String() string {
	if x.Operand {
		return types.ExprString(x.Uses[0])
	}
	return x.Path.String()
}

// changesIn lists the accesses of the statements that change something.
func (s *Site) changesIn(list []ast.Stmt) []*patterns.Access {
	var out []*patterns.Access
	for _, st := range list {
		out = append(out, slices.DeleteFunc(s.Unit.AccessesIn(st), func(a *patterns.Access) bool {
			return a.Kind == patterns.Read || s.detach.has(a.Node)
		})...)
	}
	return out
}

// nameOf returns the name of the variable that holds an extracted value.
func (s *Site) nameOf(x Extraction) string {
	if x.Operand {
		return s.valueName(s.source(x.Uses[0]), s.operandName(x.Uses[0]))
	}
	key, base := x.Path.String(), x.Path.Last().Name()
	if x.Part {
		key, base = types.ExprString(x.Uses[0]), s.partName(x.Uses[0])
	}
	return s.valueName(key, base)
}

// valueName returns the name of the variable for what is known by a key.
func (s *Site) valueName(key, base string) string {
	if s.valueNames[key] == "" {
		if s.valueNames == nil {
			s.valueNames = make(map[string]string)
		}
		s.valueNames[key] = s.freshName(base)
	}
	return s.valueNames[key]
}

// forget makes all names free again that were given away for a plan.
func (s *Site) forget() {
	s.names, s.valueNames = nil, nil
}

// selections lists the largest variables and field selections that statements
// read, outside of function literals: not assigned, addressed, or called on
// with a pointer receiver.
func (s *Site) selections(list []ast.Stmt) []ast.Expr {
	var out []ast.Expr
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				return !s.isLength(n)
			case *ast.SelectorExpr:
				if _, ok := patterns.PathOf(s.Info, n); ok {
					if s.isValue(n) {
						out = append(out, n)
					}
					return false
				}
			case *ast.Ident:
				if v, ok := s.Info.Uses[n].(*types.Var); ok && !v.IsField() && s.isValue(n) {
					out = append(out, n)
				}
			}
			return true
		})
	}
	return out
}

// isValue reports whether the expression stands where its value is read.
func (s *Site) isValue(e ast.Expr) bool {
	for n := ast.Node(e); ; {
		p := s.parents[n]
		switch p := p.(type) {
		case *ast.ParenExpr:
			n = p
			continue
		case *ast.AssignStmt:
			return !slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return l == n })
		case *ast.IncDecStmt:
			return false
		case *ast.UnaryExpr:
			return p.Op != token.AND
		case *ast.KeyValueExpr:
			if p.Key == n {
				_, isField := s.Info.Uses[identOf(e)].(*types.Var)
				return !isField || !s.Info.Uses[identOf(e)].(*types.Var).IsField()
			}
		}
		return true
	}
}

// identOf returns the last name in a name or a selector, or nil.
func identOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// guardedRead returns the guarded use that reading e makes, or nil.
func (s *Site) guardedRead(e ast.Expr) *touch {
	t := &touched{}
	for _, a := range s.Unit.AccessesIn(e) {
		if c := s.classify(a, nil); c != nil {
			t.touches = append(t.touches, c)
		}
	}
	return t.guarded()
}

// extractable reports whether e can be evaluated before the window: its root
// is the one through which the lock was reached, or a package-level variable,
// and no pointer on the way can be nil.
func (s *Site) extractable(e ast.Expr) bool {
	if !s.extractableRoot(e) {
		return false
	}
	if sel, ok := s.parents[e].(*ast.SelectorExpr); ok { // a method that changes the value in place
		if m := s.Info.Selections[sel]; m != nil && m.Kind() == types.MethodVal {
			_, ptrRecv := m.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
			_, ptr := s.Info.TypeOf(e).Underlying().(*types.Pointer)
			if ptrRecv && !ptr {
				return false
			}
		}
	}
	if ix, ok := s.parents[e].(*ast.IndexExpr); ok && ix.X == e && !s.inLoop(ix) {
		return false // an element is read: the whole map or slice is not what is needed
	}
	if r, ok := s.parents[e].(*ast.RangeStmt); ok && r.X == e && !s.cloning {
		return false
	}
	return !holdsLock(s.Info.TypeOf(e), 0)
}

// extractableRoot reports whether the variable that e names can be reached
// wherever the lock can.
func (s *Site) extractableRoot(e ast.Expr) bool {
	p, ok := patterns.PathOf(s.Info, e)
	if !ok || p.Root != s.Section.Lock.Root && !p.Global() {
		return false
	}
	if _, ptr := p.Root.Type().Underlying().(*types.Pointer); ptr && p.Root != s.Section.Lock.Root && len(p.Fields) > 0 {
		return false // it may be nil, and whoever reads it early panics early
	}
	for i, f := range p.Fields[:max(len(p.Fields)-1, 0)] {
		lock := s.Section.Lock.Fields
		if i < len(lock)-1 && lock[i] == f && slices.Equal(lock[:i], p.Fields[:i]) {
			continue // the lock was reached through it
		}
		if _, ptr := f.Type().Underlying().(*types.Pointer); ptr {
			return false
		}
	}
	return true
}

// holdsLock reports whether a value of the type contains something that must
// not be copied.
func holdsLock(t types.Type, depth int) bool {
	if t == nil || depth > 4 {
		return false
	}
	if patterns.SelfSynchronised(t) {
		_, ptr := t.Underlying().(*types.Pointer)
		return !ptr
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			if holdsLock(u.Field(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return holdsLock(u.Elem(), depth+1)
	}
	return false
}

// freshName returns a short name for a new local variable of the section's
// block: one that means nothing there yet and does not occur in it.
func (s *Site) freshName(base string) string {
	if s.names == nil {
		s.names = s.namesInUse()
	}
	base = lowerFirst(base)
	for _, name := range shorter(base) {
		if s.free(name) {
			s.names[name] = true
			return name
		}
	}
	name := base
	for i := 2; !s.free(name); i++ {
		name = base + strconv.Itoa(i)
	}
	s.names[name] = true
	return name
}

// free reports whether a name can be given to a new variable.
func (s *Site) free(name string) bool {
	if s.names[name] || token.IsKeyword(name) {
		return false
	}
	scope := s.Pkg.Types.Scope()
	if inner := scope.Innermost(s.Lock.Pos()); inner != nil {
		scope = inner
	}
	_, obj := scope.LookupParent(name, token.NoPos)
	return obj == nil || obj.Parent() == s.Pkg.Types.Scope() // hidden in this block, where nothing refers to it
}

// shorter lists names for a variable, the best one first: stdoutFirstLines,
// firstLines, lines, and stdoutFirst.
func shorter(base string) []string {
	names := []string{base}
	for rest := base; ; {
		next := strings.IndexFunc(rest[1:], unicode.IsUpper)
		if next < 0 {
			break
		}
		rest = lowerFirst(rest[next+1:])
		names = append(names, rest)
	}
	if last := strings.LastIndexFunc(base, unicode.IsUpper); last > 1 {
		names = append(names, base[:last])
	}
	return names
}

// namesInUse lists the names that occur in the block that the section stands
// in, and those of the file's imports.
func (s *Site) namesInUse() map[string]bool {
	names := importNames(s.File.Syntax, s.Pkg.Types)
	fields := make(map[*ast.Ident]bool)
	for _, st := range s.List {
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				fields[n.Sel] = true
			case *ast.Ident:
				if !fields[n] {
					names[n.Name] = true
				}
			}
			return true
		})
	}
	return names
}

// importNames lists the names that the imports of a file declare.
func importNames(f *ast.File, pkg *types.Package) map[string]bool {
	names := make(map[string]bool)
	for _, imp := range f.Imports {
		if imp.Name != nil {
			names[imp.Name.Name] = true
			continue
		}
		for _, p := range pkg.Imports() {
			if `"`+p.Path()+`"` == imp.Path.Value {
				names[p.Name()] = true
			}
		}
	}
	return names
}

// lowerFirst turns a field's name into a variable's: "URL" into "url", "Addr"
// into "addr", "HTTPClient" into "httpClient".
func lowerFirst(name string) string {
	r := []rune(name)
	for i := range r {
		if r[i] < 'A' || r[i] > 'Z' {
			break
		}
		if i > 0 && i+1 < len(r) && r[i+1] >= 'a' && r[i+1] <= 'z' {
			break
		}
		r[i] += 'a' - 'A'
	}
	return string(r)
}

// compare orders positions by file name and offset: the order of token.Pos
// among files differs from run to run, because files are parsed in parallel.
func (s *Site) compare(a, b token.Pos) int {
	p, q := s.Pkg.Fset.Position(a), s.Pkg.Fset.Position(b)
	return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset))
}

// mentions reports whether a node uses the variable.
func mentions(info *types.Info, n ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}

// A refKind says what copying a value shares with the original.
type refKind byte

const (
	noRefs   refKind = iota // nothing
	aliases                 // elements of a map or slice
	object                  // an object: a pointer or interface
	chanRef                 // a channel
	opaqueFn                // a function
)

// maxNested bounds how deep refsOf looks into structs and arrays.
const maxNested = 10

// refsOf says what a copy of a value of type t shares.
func refsOf(t types.Type, depth int) refKind {
	if t == nil {
		return noRefs
	}
	if depth > maxNested {
		return object
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
		case "time.Time", "time.Location", "reflect.Type", "context.Context", "net/netip.Addr", "net/netip.AddrPort":
			return noRefs // never changes once made
		}
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return noRefs
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			return object
		}
	case *types.Slice, *types.Map:
		return aliases
	case *types.Pointer, *types.Interface:
		return object
	case *types.Chan:
		return chanRef
	case *types.Signature:
		return opaqueFn
	case *types.Array:
		return refsOf(u.Elem(), depth+1)
	case *types.Struct:
		kind := noRefs
		for i := range u.NumFields() {
			if k := refsOf(u.Field(i).Type(), depth+1); k != noRefs && (kind == noRefs || k == aliases) {
				kind = k
			}
		}
		return kind
	}
	return noRefs
}
