package patterns

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// LeftOut are the Go files in the directory of a package that this build leaves
// out: those for other systems and tags, and test files that were not loaded. What
// they do cannot be type-checked here, so what is known of a variable is known
// without them. Their syntax says which variables they may change. So it is with what
// is not known in a function of a package that lacks others, see [Package.Partial].
type LeftOut struct {
	files func() []LeftOutFile

	mu     sync.Mutex
	parsed bool
	fset   *token.FileSet
	trees  []leftOutTree
}

// A LeftOutFile is one such file.
type LeftOutFile struct {
	Name    string // absolute
	Content []byte
}

// A leftOutTree is the syntax of one such file.
type leftOutTree struct {
	*ast.File
	parents map[ast.Node]ast.Node
	outside bool                        // an external test: it sees only what is exported
	uses    map[*ast.Ident]types.Object // what its names are, as far as that is known
	partly  bool                        // functions of the package that lack types: what is known of them is seen elsewhere
	index   map[string][]ast.Node       // see nodes
}

// NewLeftOut returns the files that a function lists. It is called once, when
// somebody asks about a variable.
func NewLeftOut(files func() []LeftOutFile) *LeftOut { return &LeftOut{files: files} }

// parse parses the files that belong to the package, or to its external tests,
// those last that are tests. What does not parse is taken as far as it does.
func (l *LeftOut) parse(p *Package) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parsed {
		return
	}
	l.parsed, l.fset, l.trees = true, token.NewFileSet(), nil
	for _, f := range l.files() {
		tree, _ := parser.ParseFile(l.fset, f.Name, f.Content, 0)
		if tree == nil || tree.Name == nil {
			continue
		}
		switch tree.Name.Name {
		case p.Name:
			l.trees = append(l.trees, leftOutTree{File: tree, uses: resolveLeftOut(l.fset, tree, p, false)})
		case p.Name + "_test":
			l.trees = append(l.trees, leftOutTree{File: tree, outside: true, uses: resolveLeftOut(l.fset, tree, p, true)})
		}
	}
	slices.SortStableFunc(l.trees, func(a, b leftOutTree) int { return cmp.Compare(l.rank(a), l.rank(b)) })
	l.trees = append(l.trees, p.partlyKnown()...)
}

// partlyKnown returns the functions of the package in which something is not known
// because a package is missing.
func (p *Package) partlyKnown() []leftOutTree {
	if !p.Partial {
		return nil
	}
	var trees []leftOutTree
	uses := make(map[*ast.Ident]types.Object)
	maps.Copy(uses, p.Info.Uses)
	maps.Copy(uses, p.Info.Defs)
	for _, f := range p.Files {
		tree := *f.Syntax
		tree.Decls = slices.DeleteFunc(slices.Clone(tree.Decls), func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && p.Unknown(fn) == nil
		})
		trees = append(trees, leftOutTree{File: &tree, uses: uses, partly: true})
	}
	return trees
}

// Forget has the files read again, because one of them has changed.
func (l *LeftOut) Forget() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parsed = false
}

// rank is 1 for a test, otherwise 0.
func (l *LeftOut) rank(t leftOutTree) int {
	if strings.HasSuffix(l.fset.Position(t.Package).Filename, "_test.go") {
		return 1
	}
	return 0
}

// Keys of the index of a tree besides names.
const (
	assignments  = "*="
	declarations = "func"
)

// nodes lists the nodes of some keys in source order: the names that are such a name,
// the selectors that end in it, assignments to what a pointer refers to, or declarations
// of functions.
func (t *leftOutTree) nodes(keys ...string) []ast.Node {
	if t.index == nil {
		t.index = make(map[string][]ast.Node)
		ast.Inspect(t.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				t.index[n.Name] = append(t.index[n.Name], n)
			case *ast.SelectorExpr:
				t.index[n.Sel.Name] = append(t.index[n.Sel.Name], n)
			case *ast.AssignStmt:
				if slices.ContainsFunc(n.Lhs, func(l ast.Expr) bool { _, ok := ast.Unparen(l).(*ast.StarExpr); return ok }) {
					t.index[assignments] = append(t.index[assignments], n)
				}
			case *ast.FuncDecl:
				t.index[declarations] = append(t.index[declarations], n)
			}
			return true
		})
	}
	if len(keys) == 1 {
		return t.index[keys[0]]
	}
	var out []ast.Node
	for _, k := range keys {
		out = append(out, t.index[k]...)
	}
	slices.SortStableFunc(out, func(a, b ast.Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out
}

// eachLeftOut calls f with the nodes of some keys of the files in which an object of
// the package can be named, until it returns true, and returns where that was.
func (p *Package) eachLeftOut(obj types.Object, f func(*leftOutTree, ast.Node) bool, keys ...string) (at token.Position, found bool) {
	if p.LeftOut == nil {
		return at, false
	}
	p.LeftOut.parse(p)
	for i := range p.LeftOut.trees {
		t := &p.LeftOut.trees[i]
		if t.outside && !obj.Exported() {
			continue
		}
		for _, n := range p.LeftOut.nodesOf(t, keys) {
			switch {
			case !f(t, n):
			case t.partly:
				return p.Fset.Position(n.Pos()), true
			default:
				return p.LeftOut.fset.Position(n.Pos()), true
			}
		}
	}
	return at, false
}

// nodesOf is nodes for those who do not hold the mutex.
func (l *LeftOut) nodesOf(t *leftOutTree, keys []string) []ast.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	return t.nodes(keys...)
}

// ChangedLeftOut returns the first place in the files that this build leaves out
// or does not know in full, that may change a field or package-level variable of the
// package: it assigns to what has that name, takes its address, calls a method of it, or hands on what it
// refers to. Only to read a value is no change.
func (x *Program) ChangedLeftOut(p *Package, v *types.Var) (token.Position, bool) {
	if !v.IsField() && !isGlobal(v) {
		return token.Position{}, false
	}
	refers := refersToStorage(v.Type(), 0)
	methods, owner := hasPointerMethods(v.Type()), x.ownerName(v)
	may := func(t *leftOutTree, n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && v.IsField() && assignsWhole(as, owner) {
			return true
		}
		e := t.names(n, v)
		return e != nil && !t.fresh(e) && t.mayChange(e, refers, methods)
	}
	at, found := p.eachLeftOut(v, may, v.Name(), assignments)
	for _, q := range x.Packages {
		if !found && q != p && q.Partial && v.Exported() {
			at, found = q.eachLeftOut(v, func(t *leftOutTree, n ast.Node) bool { return t.partly && may(t, n) }, v.Name())
		}
	}
	return at, found
}

// UsedLeftOut returns the first place in the files that this build leaves out that
// names a variable or function of the package.
func (p *Package) UsedLeftOut(obj types.Object) (token.Position, bool) {
	return p.eachLeftOut(obj, func(t *leftOutTree, n ast.Node) bool { return t.names(n, obj) != nil }, obj.Name())
}

var takingNames = slices.Clip([]string{"Lock", "RLock", "TryLock", "TryRLock"})

// TestsLock reports whether a test that was not loaded may take a lock of the package: it
// names the lock, or calls a Lock that it may have been embedded for.
func (p *Package) TestsLock(lock *types.Var) bool {
	_, found := p.eachLeftOut(lock, func(t *leftOutTree, n ast.Node) bool {
		if t.partly || p.LeftOut.rank(*t) == 0 {
			return false // no test
		}
		if t.names(n, lock) != nil {
			return true
		}
		sel, ok := n.(*ast.SelectorExpr)
		return ok && lock.Embedded() && slices.Contains(takingNames, sel.Sel.Name)
	}, append(takingNames, lock.Name())...)
	return found
}

// DeclaredLeftOut returns where a file that this build leaves out declares a
// function of the package once more: for another system.
func (p *Package) DeclaredLeftOut(d *ast.FuncDecl, fn *types.Func) (token.Position, bool) {
	return p.eachLeftOut(fn, func(t *leftOutTree, n ast.Node) bool {
		e, ok := n.(*ast.FuncDecl)
		return ok && !t.outside && !t.partly && e.Name.Name == d.Name.Name && receiverName(e) == receiverName(d) && e.Name.Name != "init" && e.Name.Name != "_"
	}, declarations)
}

// MadeLeftOut returns the first place in the files that this build leaves out that
// makes a value of a type of the package, other than by a function of it.
func (p *Package) MadeLeftOut(tn *types.TypeName) (token.Position, bool) {
	return p.eachLeftOut(tn, func(t *leftOutTree, n ast.Node) bool {
		e := t.names(n, tn)
		if e == nil {
			return false
		}
		switch p := t.parent(e).(type) {
		case *ast.CompositeLit:
			return p.Type == e
		case *ast.CallExpr:
			return p.Fun != e // new(T)
		case *ast.ValueSpec, *ast.Field, *ast.ArrayType, *ast.MapType, *ast.ChanType:
			return true // by value
		}
		return false
	}, tn.Name())
}

// receiverName returns the name of the type that a method belongs to, "" for a
// function.
func receiverName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	e := d.Recv.List[0].Type
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// names returns the expression by which a node names an object, as far as the
// syntax tells: x.name for a field or method, and name, which no declaration of
// the file hides, for what belongs to the package.
func (t *leftOutTree) names(n ast.Node, obj types.Object) ast.Expr {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if o := t.uses[n.Sel]; o != nil && (t.partly || origin(o) != obj) {
			return nil
		}
		if n.Sel.Name == obj.Name() && (selected(obj) || t.outside) {
			return n
		}
	case *ast.Ident:
		if o := t.uses[n]; o != nil && (t.partly || origin(o) != obj) {
			return nil
		}
		if n.Name != obj.Name() || selected(obj) || t.outside || n.Obj != nil && n.Obj.Kind != ast.Fun {
			return nil
		}
		switch p := t.parent(n).(type) {
		case *ast.SelectorExpr:
			if p.Sel == n {
				return nil
			}
		case *ast.KeyValueExpr:
			if p.Key == ast.Expr(n) {
				return nil
			}
		case *ast.FuncDecl:
			return nil
		}
		return n
	}
	return nil
}

// fresh reports whether a field is one of an object that the function has made
// itself, as in
//
//	s := &server{}
//	s.addr = "localhost"
func (t *leftOutTree) fresh(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok || id.Obj == nil {
		return false
	}
	switch d := id.Obj.Decl.(type) {
	case *ast.AssignStmt:
		for i, l := range d.Lhs {
			if l, ok := l.(*ast.Ident); ok && l.Obj == id.Obj && len(d.Lhs) == len(d.Rhs) {
				return makesObject(d.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		if _, ptr := d.Type.(*ast.StarExpr); d.Type != nil && !ptr && len(d.Values) == 0 {
			_, local := t.parent(t.parent(d)).(*ast.DeclStmt)
			return local
		}
	}
	return false
}

// makesObject reports whether an expression is a composite literal, the address
// of one, or a call of new.
func makesObject(e ast.Expr) bool {
	e = ast.Unparen(e)
	if un, ok := e.(*ast.UnaryExpr); ok && un.Op == token.AND {
		e = ast.Unparen(un.X)
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		id, ok := e.Fun.(*ast.Ident)
		return ok && id.Name == "new" && id.Obj == nil
	}
	return false
}

// selected reports whether an object is named by a selection: a field or method.
func selected(obj types.Object) bool {
	switch o := obj.(type) {
	case *types.Var:
		return o.IsField()
	case *types.Func:
		return o.Signature().Recv() != nil
	}
	return false
}

// parent returns what stands around a node.
func (t *leftOutTree) parent(n ast.Node) ast.Node {
	if t.parents == nil {
		t.parents = make(map[ast.Node]ast.Node)
		var stack []ast.Node
		ast.Inspect(t.File, func(m ast.Node) bool {
			if m == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if len(stack) > 0 {
				t.parents[m] = stack[len(stack)-1]
			}
			stack = append(stack, m)
			return true
		})
	}
	return t.parents[n]
}

// mayChange reports whether the place where a variable is named may change it, or
// what it refers to. refers says whether its type refers to anything; methods,
// whether methods can change it in place.
func (t *leftOutTree) mayChange(e ast.Expr, refers, methods bool) bool {
	var n ast.Node = e
	part := false // n is a part of the variable, or what one refers to
	for {
		outer := t.parent(n)
		switch p := outer.(type) {
		case *ast.ParenExpr, *ast.TypeAssertExpr:
		case *ast.StarExpr:
			part = true
		case *ast.SelectorExpr:
			if c, ok := t.parent(p).(*ast.CallExpr); ok && c.Fun == ast.Expr(p) {
				return refers || methods || part // a method of it, or of a part of it
			}
			part = true
		case *ast.IndexExpr:
			if p.X != n {
				return false
			}
			part = true
		case *ast.SliceExpr:
			if p.X != n {
				return false
			}
		default:
			return t.changesIn(outer, n, refers)
		}
		n = outer
	}
}

// changesIn is mayChange for a variable, or a part of it, that stands in a
// statement or an expression which is no part of a variable.
func (t *leftOutTree) changesIn(outer, n ast.Node, refers bool) bool {
	switch p := outer.(type) {
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.BinaryExpr, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.CaseClause:
		return false
	case *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return refers || slices.ContainsFunc(p.Lhs, func(l ast.Expr) bool { return ast.Node(l) == n })
	case *ast.RangeStmt:
		return refers || ast.Node(p.X) != n
	case *ast.SendStmt:
		return refers && ast.Node(p.Value) == n
	case *ast.CallExpr:
		if id, ok := p.Fun.(*ast.Ident); ok && id.Obj == nil && (id.Name == "len" || id.Name == "cap") {
			return false
		}
		return refers && ast.Node(p.Fun) != n
	}
	return refers
}

// assignsWhole reports whether a statement gives all fields of a struct new
// values: *p = T{}.
func assignsWhole(as *ast.AssignStmt, typeName string) bool {
	for i, l := range as.Lhs {
		if _, ok := ast.Unparen(l).(*ast.StarExpr); !ok || i >= len(as.Rhs) || typeName == "" {
			continue
		}
		lit, ok := ast.Unparen(as.Rhs[i]).(*ast.CompositeLit)
		if !ok {
			return true // by a value of whatever type
		}
		if id, ok := lit.Type.(*ast.Ident); ok && id.Name == typeName {
			return true
		}
	}
	return false
}

// ownerName returns the name of the type of package scope that declares a field.
func (x *Program) ownerName(f *types.Var) string {
	st := x.ownerOf(f)
	if st == nil {
		return ""
	}
	names := x.structs[f.Pkg()]
	if names == nil {
		names = make(map[*types.Struct]string)
		x.structs[f.Pkg()] = names
		scope := f.Pkg().Scope()
		for _, name := range scope.Names() {
			if tn, ok := scope.Lookup(name).(*types.TypeName); ok {
				if st, ok := tn.Type().Underlying().(*types.Struct); ok && names[st] == "" {
					names[st] = name
				}
			}
		}
	}
	return names[st]
}

// refersToStorage reports whether a copy of a value shares something that can be
// changed with it.
func refersToStorage(t types.Type, depth int) bool {
	if types.TypeString(t, nil) == "time.Time" || depth > 5 {
		return depth > 5
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Array:
		return refersToStorage(u.Elem(), depth+1)
	case *types.Struct:
		for f := range u.Fields() {
			if refersToStorage(f.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}

// hasPointerMethods reports whether the type of a variable has methods that can
// change it in place.
func hasPointerMethods(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	for m := range n.Methods() {
		if _, ptr := m.Signature().Recv().Type().(*types.Pointer); ptr {
			return true
		}
	}
	return false
}

// IsLeftOutName reports whether a file of this name may be one that a build leaves
// out: the go command never looks at one that begins with a dot or an underscore.
func IsLeftOutName(name string) bool {
	base := filepath.Base(name)
	return strings.HasSuffix(base, ".go") && !strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".")
}
