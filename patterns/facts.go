package patterns

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/blocking"
)

// FactsVersion is the version of the encoding of [Facts]. Facts of another version are
// ignored.
const FactsVersion = 4

// Facts is what the analysis of one package tells the packages that import it; nothing
// else crosses package boundaries. A program that holds several packages uses facts in
// the same way as one that reads them from a cache, so every driver has the same
// findings.
//
// Facts cover only what another package can call: exported functions and methods. All
// lists are sorted.
type Facts struct {
	Path   string // of the package
	Module string // the module that the package belongs to, "" for the standard library

	Funcs      []FuncFact      // functions that wait, touch locks or call what they are given
	Interfaces []InterfaceFact // methods of interfaces of the package that its own types implement
	Marks      []MarkFact      // directives that say whether a function waits
	Locks      []MarkFact      // directives that stand on a mutex
	Slow       []string        // locks that are held long; only if the category lock is on

	// What functions do to their arguments is worked out when somebody asks, for it
	// takes the model of the package: see storageOf. Until then Funcs lacks it.
	funcs []FuncFact       // of all functions; nil once it is there
	units []*Unit          // of funcs
	named map[string]*Unit // of funcs
}

// A FuncFact is what a call of a function does, in terms that a caller in another
// package understands.
type FuncFact struct {
	Name      string       // as (*types.Func).FullName prints it
	Short     string       // as [Unit.Name] prints it
	Callbacks []int        `json:",omitempty"` // parameters that it calls
	Cancels   bool         `json:",omitempty"` // it calls a function that cancels a context
	Storage   string       `json:",omitempty"` // what it does to its arguments, see [storage.Summary]; it only reads them if there is nothing
	Effects   []EffectFact `json:",omitempty"`
	HandsOver Mode         `json:",omitempty"` // of a lock that it leaves held, with a result that releases it
	RunsField bool         `json:",omitempty"` // it calls a function that a field of its receiver holds
	May       []ReachFact  `json:",omitempty"`
	Takes     []TakeFact   `json:",omitempty"`
}

// An EffectFact is what a function does to a lock that its caller can name.
type EffectFact struct {
	Root   int      // receiverRoot, a parameter's index, or freeRoot
	Global string   `json:",omitempty"` // name of the variable, for freeRoot
	Pkg    string   `json:",omitempty"` // path of its package
	Fields []string `json:",omitempty"`
	Type   string   // of the lock: "sync.Mutex", "*", or "" for any other
	Kind   int
	Mode   Mode
	Method bool `json:",omitempty"`
	Handed bool `json:",omitempty"` // taken, and a result of the function releases it
}

// A ReachFact is the shortest path from a function to an operation of one category that
// may block.
type ReachFact struct {
	Category string
	Freed    LockRef // the caller's lock that is released meanwhile
	Dist     int
	Path     []Hop  `json:",omitempty"` // the calls inside of the function
	Said     bool   `json:",omitempty"` // by a directive of the function called last
	Weak     string `json:",omitempty"`

	Effect blocking.Effect
	Safety blocking.Safety
	What   string
	Why    string
	Own    bool      `json:",omitempty"`
	Cond   *CondFact `json:",omitempty"`
	Lock   string    `json:",omitempty"`
	Beside []Hop     `json:",omitempty"` // further waits of the category in the function called last
}

// A CondFact says which lock a sync.Cond releases while it waits.
type CondFact struct {
	Mutex string // the lock, as a lockRef names it, or ""
	Own   bool
}

// An InterfaceFact lists the functions of an interface's package that implement one of
// its methods.
type InterfaceFact struct {
	Method string   // full name
	By     []string // full names of the implementations
}

// A MarkFact is a directive that matters to other packages.
type MarkFact struct {
	On       string // full name of the function, or the lock as a lockRef names it
	Name     string
	Text     string `json:",omitempty"`
	Category string `json:",omitempty"`
	Pos      token.Position
}

// A LockRef names the variable that holds a mutex, by the package and the line of its
// declaration, so it is the same however the package is loaded. The zero value means no
// variable.
type LockRef struct {
	ID  string `json:",omitempty"`
	Ref bool   `json:",omitempty"` // the variable only refers to a lock: a pointer or an interface
}

// VarID returns the name of a variable for a LockRef.
func VarID(fset *token.FileSet, v *types.Var) string {
	if v == nil || v.Pkg() == nil {
		return ""
	}
	p := fset.PositionFor(v.Pos(), false)
	return fmt.Sprintf("%s:%s:%d:%s", v.Pkg().Path(), path.Base(filepath.ToSlash(p.Filename)), p.Line, v.Name())
}

// RefOf returns the name of the variable that holds a lock.
func (u *Unit) RefOf(v *types.Var) LockRef {
	if v == nil {
		return LockRef{}
	}
	return LockRef{VarID(u.Pkg.Fset, v), IsReference(v.Type())}
}

// FactsOf returns the facts of a package of the program.
func (x *Program) FactsOf(p *Package) *Facts {
	f := x.facts[p.Path]
	x.Complete(f)
	return f
}

// NewFacts returns empty facts of a package.
func NewFacts(p *Package) *Facts {
	return &Facts{Path: p.Path, Module: p.Module, named: make(map[string]*Unit)}
}

// Add adds what is known about a unit, except what it does to its arguments.
func (f *Facts) Add(u *Unit, fact FuncFact) {
	f.funcs, f.units = append(f.funcs, fact), append(f.units, u)
	if f.named[fact.Name] == nil {
		f.named[fact.Name] = u
	}
}

// List lists the functions that have a fact.
func (f *Facts) List() {
	f.Funcs = slices.DeleteFunc(slices.Clone(f.funcs), func(fn FuncFact) bool {
		return len(fn.Callbacks)+len(fn.Effects)+len(fn.May)+len(fn.Takes) == 0 && !fn.Cancels && fn.HandsOver == 0 && !fn.RunsField && fn.Storage == ""
	})
	if len(f.Funcs) == 0 {
		f.Funcs = nil
	}
	// A function may be there twice: p and a test variant of it.
	slices.SortStableFunc(f.Funcs, func(a, b FuncFact) int { return cmp.Compare(a.Name, b.Name) })
}

// Complete adds what functions do to their arguments to the facts of a package, for
// packages that see only its facts.
func (x *Program) Complete(f *Facts) {
	if f == nil || f.funcs == nil {
		return
	}
	for i, u := range f.units {
		f.funcs[i].Storage = x.StorageFact(u)
	}
	f.List()
	f.funcs, f.units, f.named = nil, nil, nil
}

// InterfaceFacts lists which functions of a package implement methods of its own
// interfaces.
func (x *Program) InterfaceFacts(p *Package) []InterfaceFact {
	var out []InterfaceFact
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || !types.IsInterface(tn.Type()) {
			continue
		}
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for i := range iface.NumExplicitMethods() {
			m := iface.ExplicitMethod(i)
			if !m.Exported() {
				continue
			}
			impl := x.ImplementedIn(p, m, false)
			fact := InterfaceFact{Method: x.KeyOf(m)}
			for _, c := range impl {
				fact.By = append(fact.By, x.KeyOf(c))
			}
			if len(impl) > 0 {
				out = append(out, fact)
			}
		}
	}
	slices.SortFunc(out, func(a, b InterfaceFact) int { return cmp.Compare(a.Method, b.Method) })
	return out
}

// EncodeFacts writes the facts of a package, and those of the packages it depends on in
// the same modules, in the form that [DecodeFacts] reads. The same facts give the same
// bytes.
func EncodeFacts(all map[string]*Facts, own string) ([]byte, error) {
	sets := factSets{Version: FactsVersion}
	for _, f := range all {
		g := *f
		if f.Path != own { // functions of a package are called by those that import it
			g.Funcs = slices.DeleteFunc(slices.Clone(g.Funcs), func(fn FuncFact) bool { return !strings.HasPrefix(fn.Name, "(") })
		}
		sets.Packages = append(sets.Packages, &g)
	}
	slices.SortFunc(sets.Packages, func(a, b *Facts) int { return cmp.Compare(a.Path, b.Path) })
	return json.Marshal(sets)
}

// factSets is what is written.
type factSets struct {
	Version  int
	Packages []*Facts
}

// DecodeFacts adds the facts that [EncodeFacts] wrote for the package with the given
// path to the known ones. Empty input and facts of another version count as no facts.
// What a package says about itself takes precedence over what others say about it.
func DecodeFacts(all map[string]*Facts, data []byte, own string) error {
	if len(data) == 0 {
		return nil
	}
	var sets factSets
	if err := json.Unmarshal(data, &sets); err != nil {
		return fmt.Errorf("reading the facts of %s: %w", own, err)
	}
	if sets.Version != FactsVersion {
		return nil
	}
	for _, f := range sets.Packages {
		if all[f.Path] == nil || f.Path == own {
			all[f.Path] = f
		}
	}
	return nil
}

// A Hop is one call on the path to a blocking operation.
type Hop struct {
	Func string         // the function called
	At   token.Position // where it is called
}

// A TakeFact says what an exported function does with one of its parameters; see
// [waits.TakeKey].
type TakeFact struct {
	Param  int
	Method string          `json:",omitempty"`
	What   string          `json:",omitempty"`
	Safety blocking.Safety `json:",omitempty"`
	Dist   int
	Path   []Hop // the calls inside of the function, and the place of the last one
}
