package patterns

import "maps"

// A Memo is what an analysis remembers of a program, by what it is about. A
// program that has changed begins anew. Units are followed at once, so several may
// ask for the same; the first answer stays. It is to be a variable of a package.
type Memo[K comparable, V any] struct{ _ byte }

// Get returns what is remembered of key, and remembers what made returns if that is
// nothing.
func (m *Memo[K, V]) Get(x *Program, key K, made func() V) V {
	if v, ok := m.Lookup(x, key); ok {
		return v
	}
	v := made()
	x.memos.Lock()
	defer x.memos.Unlock()
	all := m.of(x)
	if first, ok := all[key]; ok {
		return first
	}
	all[key] = v
	return v
}

// Lookup returns what is remembered of key, if anything is.
func (m *Memo[K, V]) Lookup(x *Program, key K) (V, bool) {
	x.memos.Lock()
	defer x.memos.Unlock()
	v, ok := m.of(x)[key]
	return v, ok
}

// Set remembers v.
func (m *Memo[K, V]) Set(x *Program, key K, v V) {
	x.memos.Lock()
	defer x.memos.Unlock()
	m.of(x)[key] = v
}

func (m *Memo[K, V]) of(x *Program) map[K]V {
	all, ok := x.kept[m].(map[K]V)
	if !ok {
		all = make(map[K]V)
		x.kept[m] = all
	}
	return all
}

// A PackageMemo is what an analysis remembers of each package of a program. A changed
// program still knows it of the packages that it takes over. It is to be a variable
// of a package.
type PackageMemo[V any] struct{ _ byte }

// Get returns what is remembered of a package, and remembers what made returns if that
// is nothing. Of a package that was taken over it is the same in all programs.
func (m *PackageMemo[V]) Get(x *Program, p *Package, made func() V) V {
	v, ok := m.Lookup(x, p)
	if ok {
		return v
	}
	if base := x.TakenFrom(p); base != nil {
		v = m.Get(base, p, made)
	} else {
		v = made()
	}
	m.Set(x, p, v)
	return v
}

// Lookup returns what is remembered of a package, if anything is.
func (m *PackageMemo[V]) Lookup(x *Program, p *Package) (V, bool) {
	x.memos.Lock()
	defer x.memos.Unlock()
	v, ok := x.ofPackages[packageKey{p, m}].(V)
	return v, ok
}

// Set remembers v.
func (m *PackageMemo[V]) Set(x *Program, p *Package, v V) {
	x.memos.Lock()
	defer x.memos.Unlock()
	x.ofPackages[packageKey{p, m}] = v
}

// A packageKey is a package and the [PackageMemo] that says what of it.
type packageKey struct {
	p    *Package
	memo any
}

// TakenFrom returns the program that [analyse.With] took a package over from, or nil.
func (x *Program) TakenFrom(p *Package) *Program {
	if x.base != nil && x.base.units[p] != nil {
		return x.base
	}
	return nil
}

// forgetPackage drops what is remembered of a package.
func (x *Program) forgetPackage(p *Package) {
	maps.DeleteFunc(x.ofPackages, func(k packageKey, _ any) bool { return k.p == p })
}

// A Setting is what is wanted of a program, and of those that [analyse.With] makes of it.
// It is to be a variable of a package.
type Setting[T any] struct{ _ byte }

// Of returns what is set, or the zero value.
func (s *Setting[T]) Of(x *Program) T {
	v, _ := x.settings[s].(T)
	return v
}

// Set sets it for a program.
func (s *Setting[T]) Set(x *Program, v T) {
	x.settings = maps.Clone(x.settings)
	x.settings[s] = v
}

// Memo returns what is kept under a key that is comparable, and keeps what made returns
// if there is nothing yet. It is for what other packages work out from the program and
// from what the key holds alone; a program that has changed begins anew.
func (x *Program) Memo(key any, made func() any) any {
	x.memos.Lock()
	defer x.memos.Unlock()
	v, ok := x.kept[key]
	if !ok {
		v = made()
		x.kept[key] = v
	}
	return v
}
