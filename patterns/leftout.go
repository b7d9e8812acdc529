package patterns

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// LeftOut holds the Go files in a package's directory that this build leaves out: those
// for other systems and tags, and test files that were not loaded. They cannot be
// type-checked here, so what letgo knows about a variable it knows without them. Their
// syntax says which variables they may change. The same goes for functions in which
// something is unknown because the package lacks others: see [Package.Partial].
type LeftOut struct {
	files func() []LeftOutFile

	mu    sync.Mutex
	read  bool
	of    *types.Package // whose objects the names in trees stand for
	trees []*LeftOutTree
}

// A LeftOutFile is a Go file that this build leaves out.
type LeftOutFile struct {
	Name    string // absolute
	Content []byte
}

// A LeftOutTree is the syntax of a file that this build leaves out. It is parsed once
// somebody asks for a name in it, and type-checked once its types matter.
type LeftOutTree struct {
	words   map[string]bool // its names, and assignments if it may have one; nil if that is not known
	Test    bool
	outside bool                               // an external test: it sees only what is exported
	partly  bool                               // functions of the package that lack types: what is known of them is seen elsewhere
	syntax  func() *leftOutSyntax              // remembers its result
	uses    func() map[*ast.Ident]types.Object // what its names are, as far as that is known; remembers its result
}

// leftOutSyntax is the syntax of a tree.
type leftOutSyntax struct {
	*ast.File
	index map[string][]ast.Node // see nodes

	mu      sync.Mutex
	parents map[ast.Decl]map[ast.Node]ast.Node // of the declarations that somebody has asked about
}

// NewLeftOut returns the files that a function lists. The function is called once, on
// the first question about a variable.
func NewLeftOut(files func() []LeftOutFile) *LeftOut { return &LeftOut{files: files} }

// treesFor returns the files that belong to the package, or to its external tests,
// those last that are tests. What does not parse is taken as far as it does. After a
// rewrite the package is another one, with objects of its own.
func (l *LeftOut) treesFor(p *Package) []*LeftOutTree {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.read {
		l.read, l.of, l.trees = true, nil, l.list(p)
	}
	if l.of != p.Types {
		l.of, l.trees = p.Types, slices.DeleteFunc(slices.Clone(l.trees), func(t *LeftOutTree) bool { return t.partly })
		for i, t := range l.trees {
			resolved := *t
			resolved.uses = sync.OnceValue(func() map[*ast.Ident]types.Object { return resolveLeftOut(t.syntax().File, p, t.outside) })
			l.trees[i] = &resolved
		}
		l.trees = append(l.trees, p.partlyKnown()...)
	}
	return l.trees
}

// list reads the files.
func (l *LeftOut) list(p *Package) []*LeftOutTree {
	fset := p.Fset
	var trees []*LeftOutTree
	for _, f := range l.files() {
		name, words := leftOutWords(f.Content)
		if name != p.Name && name != p.Name+"_test" {
			continue
		}
		syntax := func() *leftOutSyntax {
			file, _ := parser.ParseFile(fset, f.Name, f.Content, 0)
			return newLeftOutSyntax(file)
		}
		trees = append(trees, &LeftOutTree{words: words, outside: name != p.Name, Test: strings.HasSuffix(f.Name, "_test.go"), syntax: sync.OnceValue(syntax)})
	}
	slices.SortStableFunc(trees, func(a, b *LeftOutTree) int { return cmp.Compare(a.rank(), b.rank()) })
	return trees
}

// leftOutWords returns the name of the package of a file, and the names that it has. With
// assignments is noted that there may be an assignment to what a pointer refers to: a
// star stands before the equals sign of a statement.
func leftOutWords(content []byte) (pkg string, words map[string]bool) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(content)), content, func(token.Position, string) {}, 0)
	if _, tok, _ := s.Scan(); tok != token.PACKAGE {
		return "", nil
	}
	if _, _, pkg = s.Scan(); pkg == "" {
		return "", nil
	}
	words = map[string]bool{pkg: true}
	stars := []bool{false} // of the statements around, whether there was a star
	for {
		_, tok, text := s.Scan()
		last := len(stars) - 1
		switch {
		case tok == token.EOF:
			if last > 0 { // what the parser makes of that is not known
				words[assignments] = true
			}
			return pkg, words
		case tok == token.IDENT:
			if !words[text] {
				words[text] = true
			}
		case tok == token.LBRACE:
			stars = append(stars, false)
		case tok == token.RBRACE && last > 0:
			stars = stars[:last]
		case tok == token.SEMICOLON:
			stars[last] = false
		case tok == token.MUL:
			stars[last] = true
		case stars[last] && (tok == token.ASSIGN || tok == token.DEFINE || token.ADD_ASSIGN <= tok && tok <= token.AND_NOT_ASSIGN):
			words[assignments] = true
		}
	}
}

// partlyKnown returns the functions of the package in which not everything is known.
func (p *Package) partlyKnown() []*LeftOutTree {
	if !p.Partial {
		return nil
	}
	var trees []*LeftOutTree
	uses := make(map[*ast.Ident]types.Object)
	maps.Copy(uses, p.Info.Uses)
	maps.Copy(uses, p.Info.Defs)
	for _, f := range p.Files {
		tree := *f.Syntax
		tree.Decls = slices.DeleteFunc(slices.Clone(tree.Decls), func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && p.Unknown(fn) == nil
		})
		trees = append(trees, &LeftOutTree{
			partly: true,
			syntax: sync.OnceValue(func() *leftOutSyntax { return newLeftOutSyntax(&tree) }),
			uses:   func() map[*ast.Ident]types.Object { return uses },
		})
	}
	return trees
}

// Forget makes letgo read the files again because one of them has changed.
func (l *LeftOut) Forget() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = false
}

// rank is 1 for a test, otherwise 0.
func (t *LeftOutTree) rank() int {
	if t.Test {
		return 1
	}
	return 0
}

// Keys of the index of a tree besides names.
const (
	assignments  = "*="
	declarations = "func"
)

// newLeftOutSyntax notes the nodes for each key.
func newLeftOutSyntax(file *ast.File) *leftOutSyntax {
	s := &leftOutSyntax{File: file, index: make(map[string][]ast.Node), parents: make(map[ast.Decl]map[ast.Node]ast.Node)}
	ast.Inspect(s.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			s.index[n.Name] = append(s.index[n.Name], n)
		case *ast.SelectorExpr:
			s.index[n.Sel.Name] = append(s.index[n.Sel.Name], n)
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, func(l ast.Expr) bool { _, ok := ast.Unparen(l).(*ast.StarExpr); return ok }) {
				s.index[assignments] = append(s.index[assignments], n)
			}
		case *ast.FuncDecl:
			s.index[declarations] = append(s.index[declarations], n)
		}
		return true
	})
	return s
}

// parent returns what stands around a node.
func (s *leftOutSyntax) parent(n ast.Node) ast.Node {
	if n == ast.Node(s.File.Name) {
		return s.File
	}
	i, ok := slices.BinarySearchFunc(s.Decls, n.Pos(), func(d ast.Decl, pos token.Pos) int {
		switch {
		case d.End() <= pos:
			return -1
		case pos < d.Pos():
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	d := s.Decls[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	parents, ok := s.parents[d]
	if !ok {
		parents = make(map[ast.Node]ast.Node)
		around := []ast.Node{s.File}
		ast.Inspect(d, func(n ast.Node) bool {
			if n == nil {
				around = around[:len(around)-1]
				return true
			}
			parents[n] = around[len(around)-1]
			around = append(around, n)
			return true
		})
		s.parents[d] = parents
	}
	return parents[n]
}

// nodes lists the nodes of some keys in source order: the names that are such a name,
// the selectors that end in it, assignments to what a pointer refers to, or declarations
// of functions.
func (t *LeftOutTree) nodes(keys ...string) []ast.Node {
	if t.words != nil && !slices.ContainsFunc(keys, func(k string) bool { return t.words[k] || k == declarations }) {
		return nil
	}
	index := t.syntax().index
	if len(keys) == 1 {
		return index[keys[0]]
	}
	var out []ast.Node
	for _, k := range keys {
		out = append(out, index[k]...)
	}
	slices.SortStableFunc(out, func(a, b ast.Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out
}

// eachLeftOut calls f with the nodes of some keys of the files in which an object of
// the package can be named, until it returns true, and returns where that was.
func (p *Package) eachLeftOut(obj types.Object, f func(*LeftOutTree, ast.Node) bool, keys ...string) (at token.Position, found bool) {
	return p.eachLeftOutBut(nil, obj, f, keys...)
}

// eachLeftOutBut is eachLeftOut without the files for which skip, unless it is nil, is true.
func (p *Package) eachLeftOutBut(skip func(*LeftOutTree) bool, obj types.Object, f func(*LeftOutTree, ast.Node) bool, keys ...string) (at token.Position, found bool) {
	if p.LeftOut == nil {
		return at, false
	}
	for _, t := range p.LeftOut.treesFor(p) {
		if t.outside && !obj.Exported() || skip != nil && skip(t) {
			continue
		}
		for _, n := range t.nodes(keys...) {
			if f(t, n) {
				return p.Fset.Position(n.Pos()), true
			}
		}
	}
	return at, false
}

// namedLeftOut reports whether a file in which a function of the package can be named
// has its name.
func (p *Package) namedLeftOut(fn *types.Func) bool {
	if p.LeftOut == nil {
		return false
	}
	return slices.ContainsFunc(p.LeftOut.treesFor(p), func(t *LeftOutTree) bool {
		return (!t.outside || fn.Exported()) && t.hasName(fn.Name())
	})
}

// importedByTest reports whether a test of the package that is left out imports another
// package.
func (p *Package) importedByTest(imported *Package) bool {
	if p.LeftOut == nil {
		return false
	}
	return slices.ContainsFunc(p.LeftOut.treesFor(p), func(t *LeftOutTree) bool {
		return t.Test && t.hasName(imported.Name) && slices.ContainsFunc(t.syntax().Imports, func(s *ast.ImportSpec) bool {
			path, err := strconv.Unquote(s.Path.Value)
			return err == nil && path == imported.Path
		})
	})
}

// hasName reports whether anything in the file has a name.
func (t *LeftOutTree) hasName(name string) bool {
	if t.words != nil {
		return t.words[name]
	}
	return slices.ContainsFunc(t.nodes(name), func(n ast.Node) bool { _, ok := n.(*ast.Ident); return ok })
}

// UsedLeftOut returns the first place, in files that this build leaves out, that names
// a variable or function of the package.
func (p *Package) UsedLeftOut(obj types.Object) (token.Position, bool) {
	return p.eachLeftOut(obj, func(t *LeftOutTree, n ast.Node) bool { return t.names(n, obj) != nil }, obj.Name())
}

// UsedInOtherBuilds reports whether a file for another system or other tags names a
// variable of the package.
func (p *Package) UsedInOtherBuilds(v *types.Var) bool {
	_, used := p.eachLeftOut(v, func(t *LeftOutTree, n ast.Node) bool { return !t.Test && t.names(n, v) != nil }, v.Name())
	return used
}

var takingNames = slices.Clip([]string{"Lock", "RLock", "TryLock", "TryRLock"})

// MayLock reports whether a function of the file may take a lock, as far as its names tell.
func (t *LeftOutTree) MayLock(lock *types.Var) bool {
	return lock.Embedded() || t.hasName(lock.Name())
}

// LocksAround reports whether the function around a node may take a lock: it names the
// lock, or calls a Lock method that may belong to it through embedding.
func (t *LeftOutTree) LocksAround(n ast.Node, lock *types.Var) bool {
	for ; n != nil; n = t.parent(n) {
		d, ok := n.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if slices.ContainsFunc(t.nodesWithin(d, lock.Name()), func(n ast.Node) bool { return t.names(n, lock) != nil }) {
			return true
		}
		return lock.Embedded() && slices.ContainsFunc(takingNames, func(name string) bool {
			return slices.ContainsFunc(t.nodesWithin(d, name), func(n ast.Node) bool { _, ok := n.(*ast.SelectorExpr); return ok })
		})
	}
	return false
}

// nodesWithin lists the nodes of a key that begin in a declaration.
func (t *LeftOutTree) nodesWithin(d ast.Decl, key string) []ast.Node {
	list := t.nodes(key)
	after := func(pos token.Pos) int {
		i, _ := slices.BinarySearchFunc(list, pos, func(n ast.Node, pos token.Pos) int { return cmp.Compare(n.Pos(), pos) })
		return i
	}
	return list[after(d.Pos()):after(d.End())]
}

// DeclaredLeftOut returns where a file that this build leaves out declares a function
// of the package a second time, for another system.
func (p *Package) DeclaredLeftOut(d *ast.FuncDecl, fn *types.Func) (token.Position, bool) {
	return p.eachLeftOut(fn, func(t *LeftOutTree, n ast.Node) bool {
		e, ok := n.(*ast.FuncDecl)
		return ok && !t.outside && !t.partly && e.Name.Name == d.Name.Name && receiverName(e) == receiverName(d) && e.Name.Name != "init" && e.Name.Name != "_"
	}, declarations)
}

// MadeLeftOut returns the first place, in files that this build leaves out, that makes
// a value of a type of the package other than by calling a function of the package.
func (p *Package) MadeLeftOut(tn *types.TypeName) (token.Position, bool) {
	return p.eachLeftOut(tn, func(t *LeftOutTree, n ast.Node) bool {
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

// ListedLeftOut returns the first place, in files that this build leaves out, that makes
// a struct of a type of the package by listing its fields without their names: one more
// field would be missing there.
func (p *Package) ListedLeftOut(tn *types.TypeName) (token.Position, bool) {
	return p.eachLeftOut(tn, func(t *LeftOutTree, n ast.Node) bool {
		e := t.names(n, tn)
		if e == nil {
			return false
		}
		around := t.parent(e)
		for isType := true; isType; {
			switch around.(type) {
			case *ast.ArrayType, *ast.MapType, *ast.StarExpr:
				around = t.parent(around)
			default:
				isType = false
			}
		}
		lists := false
		if lit, ok := around.(*ast.CompositeLit); ok && lit.Type != nil && e.End() <= lit.Type.End() {
			ast.Inspect(lit, func(n ast.Node) bool {
				if c, ok := n.(*ast.CompositeLit); ok && (c.Type == nil || c.Type == e) && len(c.Elts) > 0 {
					_, keyed := c.Elts[0].(*ast.KeyValueExpr)
					lists = lists || !keyed
				}
				return !lists
			})
		}
		return lists
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
func (t *LeftOutTree) names(n ast.Node, obj types.Object) ast.Expr {
	if e := t.spells(n, obj); e != nil && t.mayMean(e, obj) {
		return e
	}
	return nil
}

// spells is names for what the syntax alone tells.
func (t *LeftOutTree) spells(n ast.Node, obj types.Object) ast.Expr {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if n.Sel.Name == obj.Name() && (selected(obj) || t.outside) {
			return n
		}
	case *ast.Ident:
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

// mayMean reports whether a name or selector that [LeftOutTree.spells] has found may
// stand for the object: it does, or that is not known.
func (t *LeftOutTree) mayMean(e ast.Expr, obj types.Object) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		id = e.(*ast.SelectorExpr).Sel
	}
	o := t.uses()[id]
	return o == nil || !t.partly && origin(o) == obj
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
func (t *LeftOutTree) parent(n ast.Node) ast.Node { return t.syntax().parent(n) }

// IsLeftOutName reports whether a build may leave out a file of this name. The go
// command never reads files whose names begin with a dot or an underscore.
func IsLeftOutName(name string) bool {
	base := filepath.Base(name)
	return strings.HasSuffix(base, ".go") && !strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".")
}
