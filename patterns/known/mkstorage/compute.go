package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns/known"
	"github.com/letgo-dev/letgo/patterns/storage"
)

// header stands above the lines of the table.
const header = `# What functions of the standard library and of golang.org/x do to the storage
# that their arguments refer to. Computed by mkstorage; do not edit. What it
# cannot compute stands in contracts.txt, with the form of a line.
`

// covered are the packages that the table covers.
var covered = []string{"std", "golang.org/x/sync/...", "golang.org/x/mod/...", "golang.org/x/term/..."}

// lines returns the lines of the table, sorted.
func lines() ([]string, error) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax}, covered...)
	if err != nil {
		return nil, fmt.Errorf("loading the standard library: %w", err)
	}
	w := &world{done: make(map[string]storage.Summary)}
	var errs []error
	packages.Visit(pkgs, nil, func(p *packages.Package) { // imports first
		for _, e := range p.Errors {
			errs = append(errs, e)
		}
		w.compute(p)
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.Sort(w.lines)
	return slices.Compact(w.lines), nil
}

// world knows the packages that were read before.
type world struct {
	done  map[string]storage.Summary
	lines []string
}

// assembly are functions without a body that write to what their first parameter
// refers to, and nothing else. Other packages cannot name them.
var assembly = map[string]bool{
	"math/big.addVV": true, "math/big.subVV": true, "math/big.lshVU": true, "math/big.rshVU": true,
	"math/big.mulAddVWW": true, "math/big.addMulVVWW": true,
}

// Implementations: interfaces are what contracts.txt says that they are.
func (w *world) Implementations(m *types.Func) ([]*types.Func, bool) { return nil, false }

// UsedByMany is of no concern: all methods are seen.
func (w *world) UsedByMany(*types.Func) bool { return false }

// Summary asks contracts.txt, and then what was computed before.
func (w *world) Summary(fn *types.Func) (storage.Summary, bool) {
	if s, ok := known.Contract(fn); ok {
		return s, true
	}
	if assembly[known.Name(fn)] {
		return storage.Summary{Writes: []int{0}}, true
	}
	s, ok := w.done[known.Name(fn)]
	return s, ok
}

// Concurrent asks the table.
func (w *world) Concurrent(t types.Type) bool { return known.Concurrent(t) }

// Passes asks the table.
func (w *world) Passes(t types.Type) bool { return known.Passes(t) }

// compute reads one package.
func (w *world) compute(p *packages.Package) {
	if p.Types == nil || p.TypesInfo == nil {
		return
	}
	m := storage.New(p.TypesInfo, p.Syntax, w)
	var fns []*types.Func
	for _, o := range p.TypesInfo.Defs {
		if fn, ok := o.(*types.Func); ok {
			fns = append(fns, fn)
		}
	}
	slices.SortFunc(fns, func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, fn := range fns {
		name := known.Name(fn)
		s, ok := m.SummaryOf(fn)
		if c, by := known.Contract(fn); by {
			s, ok = c, true
		}
		if !ok {
			continue
		}
		w.done[name] = s
		if worthALine(fn) {
			w.lines = append(w.lines, name+"\t"+s.String())
		}
	}
}

// worthALine reports whether other packages can call a function, and give it
// something that refers to storage or get something that does.
func worthALine(fn *types.Func) bool {
	if !fn.Exported() || strings.Contains(fn.Pkg().Path(), "internal/") || strings.HasPrefix(fn.Pkg().Path(), "vendor/") || strings.HasPrefix(fn.Pkg().Path(), "cmd/") {
		return false
	}
	sig := fn.Signature()
	if r := sig.Recv(); r != nil {
		return reachable(r.Type()) && (storage.Refers(r.Type()) || storage.Refers(sig.Params()) || storage.Refers(sig.Results()))
	}
	return storage.Refers(sig.Params()) || storage.Refers(sig.Results())
}

// reachable reports whether other packages have values of a type, or of one that
// embeds it.
func reachable(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Exported() {
		return true
	}
	scope := n.Obj().Pkg().Scope()
	for _, name := range scope.Names() {
		o := scope.Lookup(name)
		if v, isVar := o.(*types.Var); isVar && v.Exported() && types.Identical(v.Type(), n) {
			return true
		}
		st, ok := o.Type().Underlying().(*types.Struct)
		if !o.Exported() || !ok {
			continue
		}
		for f := range st.Fields() {
			if ft := f.Type(); f.Embedded() && (types.Identical(ft, n) || types.Identical(ft, types.NewPointer(n))) {
				return true
			}
		}
	}
	return false
}
