package profile

import (
	"go/ast"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
)

// A checkout indexes the functions of the analyzed packages by their names in profiles. Lines
// are located by function and distance from its start, so code before the function may have
// changed since the profile was made.
type checkout struct {
	functions map[string]map[string][]*function // by import path and name
	commands  map[string]bool                   // paths of main packages, which profiles call "main"
	files     map[string]bool                   // by import path and base name
	versions  []version                         // modules with another major version in the profiles
}

// A function is a declared function and the sections in it.
type function struct {
	pkg        *patterns.Package
	decl       *ast.FuncDecl // nil for the initializers of the file's variables
	file       string
	start, end int              // lines
	sections   []*locks.Section // including those in function literals
}

func newCheckout(x *patterns.Program, profiles []*Profile) *checkout {
	c := &checkout{functions: make(map[string]map[string][]*function), commands: make(map[string]bool), files: make(map[string]bool)}
	for _, p := range x.Packages {
		byDecl := make(map[*ast.FuncDecl]*function)
		inits := make(map[*patterns.File]*function)
		for _, f := range p.Files {
			inits[f] = &function{pkg: p, file: f.Name}
			c.put(p, "init", inits[f])
			c.files[p.Path+" "+filepath.Base(f.Name)] = true
			for _, d := range f.Syntax.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
					from, to := p.Fset.Position(d.Type.Func), p.Fset.Position(d.End())
					byDecl[d] = &function{pkg: p, decl: d, file: from.Filename, start: from.Line, end: to.Line}
					c.put(p, patterns.DeclName(d), byDecl[d])
				}
			}
		}
		for _, s := range locks.SectionsIn(x, p) {
			if d := s.Unit.Decl; d != nil {
				byDecl[d].sections = append(byDecl[d].sections, s)
			} else {
				inits[s.Unit.File].sections = append(inits[s.Unit.File].sections, s)
			}
		}
	}
	c.versions = versionsOf(x, profiles)
	return c
}

func (c *checkout) put(p *patterns.Package, name string, f *function) {
	key := p.Path
	if p.Name == "main" {
		c.commands[key] = true
	}
	if c.functions[key] == nil {
		c.functions[key] = make(map[string][]*function)
	}
	c.functions[key][name] = append(c.functions[key][name], f)
}

// A spot is a line in a function of the checkout.
type spot struct {
	*function
	line int    // 0 if the function has changed too much
	unit string // name of the unit, see [patterns.Unit.Name]; "" if only the line is known
}

// A result is the result of looking up a frame.
type result int

const (
	elsewhere result = iota // in a package that was not analyzed
	unloaded                // in a test file, which was not loaded
	gone                    // in a function that no longer exists or has changed too much
	located
)

// locate finds the line of a frame in the checkout.
func (c *checkout) locate(f Frame) (spot, result) {
	s := parseSymbol(f.Func)
	if strings.Contains(f.Func, "-range") {
		f.Start = 0 // it is the start of the loop body
	}
	pkgs := []string{c.pathNow(s.pkg)}
	if s.pkg == "main" {
		pkgs = c.commandsOf(f.File)
	}
	known := false
	for _, p := range pkgs {
		byName, ok := c.functions[p]
		known = known || ok
		if s.name == "init" || strings.HasPrefix(s.name, "glob.") {
			if at, ok := inInitialisers(byName["init"], f); ok {
				return at, located
			}
		}
		if g := nearest(byName[s.name], f); g != nil {
			return g.spot(s, f), located
		}
	}
	if !known {
		return spot{}, elsewhere
	}
	if s.lits != "" {
		for _, p := range pkgs {
			if at, ok := c.byLine(p, f); ok {
				return at, located
			}
		}
	}
	if base := path.Base(filepath.ToSlash(f.File)); strings.HasSuffix(base, "_test.go") && !slices.ContainsFunc(pkgs, func(p string) bool { return c.files[p+" "+base] }) {
		return spot{}, unloaded
	}
	return spot{}, gone
}

// nearest returns the function in list, all with the same name, that best matches a frame. There
// may be several init functions, and one each in a package and its test variant.
func nearest(list []*function, f Frame) *function {
	var best *function
	score := -1
	for _, g := range list {
		n := 0
		if sameBase(g.file, f.File) {
			n++
			if g.start <= f.Line && f.Line <= g.end {
				n++
			}
		}
		if g.decl != nil && n > score {
			best, score = g, n
		}
	}
	return best
}

// byLine locates a frame by file and line only. If a function is inlined, its literals are named
// after the function it is inlined into.
func (c *checkout) byLine(pkg string, f Frame) (spot, bool) {
	for _, name := range slices.Sorted(maps.Keys(c.functions[pkg])) {
		for _, g := range c.functions[pkg][name] {
			if sameBase(g.file, f.File) && g.start <= f.Line && f.Line <= g.end {
				return spot{function: g, line: f.Line}, true
			}
		}
	}
	return spot{}, false
}

// commandsOf returns the commands that a file of a main package may belong to: those whose path
// ends in the name of the file's directory, or else all.
func (c *checkout) commandsOf(file string) []string {
	var named, all []string
	for p := range c.commands {
		all = append(all, p)
		if path.Base(path.Dir(filepath.ToSlash(file))) == path.Base(p) {
			named = append(named, p)
		}
	}
	slices.Sort(all)
	slices.Sort(named)
	if len(named) > 0 {
		return named
	}
	return all
}

func sameBase(a, b string) bool {
	return path.Base(filepath.ToSlash(a)) == path.Base(filepath.ToSlash(b))
}

// inInitialisers locates a frame in a function literal of a package-level variable, which has no
// name of its own.
func inInitialisers(inits []*function, f Frame) (spot, bool) {
	for _, g := range inits {
		for _, s := range g.sections {
			if u := s.Unit; u.Decl == nil && sameBase(g.file, f.File) && contains(u, f.Line) {
				return spot{g, f.Line, u.Name()}, true
			}
		}
	}
	return spot{}, false
}

func contains(u *patterns.Unit, line int) bool {
	return u.Position(u.Body.Pos()).Line <= line && line <= u.Position(u.Body.End()).Line
}

// spot locates a frame in the function.
func (g *function) spot(s symbol, f Frame) spot {
	start, end, unit := g.start, g.end, unitName(s)
	if unit != s.name {
		lit := literal(g.decl.Body, strings.TrimPrefix(unit, s.name))
		if lit == nil {
			return spot{function: g, unit: unit}
		}
		start, end = g.pkg.Fset.Position(lit.Pos()).Line, g.pkg.Fset.Position(lit.End()).Line
	}
	line := f.Line
	switch {
	case f.Start > 0:
		line = start + f.Line - f.Start
	case !sameBase(g.file, f.File):
		line = 0
	}
	if line < start || end < line {
		line = 0
	}
	return spot{g, line, unit}
}

// literal returns the function literal with the given path: ".func2.func1" is the first literal in
// the second literal of body.
func literal(body ast.Node, path string) *ast.FuncLit {
	var lit *ast.FuncLit
	for part := range strings.SplitSeq(strings.TrimPrefix(path, ".func"), ".func") {
		number, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		lit = nil
		ast.Inspect(body, func(n ast.Node) bool {
			if l, ok := n.(*ast.FuncLit); ok {
				if number--; number == 0 {
					lit = l
				}
				return false
			}
			return true
		})
		if lit == nil {
			return nil
		}
		body = lit.Body
	}
	return lit
}

// unitName returns the name of a function as in package patterns. It numbers nested literals like
// the compiler, but always writes "func" before the number.
func unitName(s symbol) string {
	name, lits := s.name, s.lits
	if first, rest, _ := strings.Cut(lits, "."); s.name == "init" && strings.Trim(first, "0123456789") == "" {
		lits = rest // drop the number of the init function
	}
	if lits == "" {
		return name
	}
	for part := range strings.SplitSeq(lits, ".") {
		if !strings.HasPrefix(part, "deferwrap") && !strings.HasPrefix(part, "gowrap") {
			name += ".func" + strings.TrimPrefix(part, "func")
		}
	}
	return name
}
