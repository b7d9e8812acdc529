package patterns

import "maps"

// A Memo caches what an analysis computes about a program, by key. A changed program
// starts with an empty cache. Several goroutines may ask for one key at once; the first
// answer stays. Declare a Memo as a package-level variable.
type Memo[K comparable, V any] struct{ _ byte }

// Get returns the value for key. If there is none, it calls made and remembers the
// result.
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

// Lookup returns the value for key, if there is one.
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

// A PackageMemo caches what an analysis computes about each package of a program. A
// changed program keeps the values of the packages that it takes over. Declare a
// PackageMemo as a package-level variable.
type PackageMemo[V any] struct{ _ byte }

// Get returns the value for a package. If there is none, it calls made and remembers
// the result. Programs that share a package share its value.
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

// Lookup returns the value for a package, if there is one.
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

// TakenFrom returns the program from which [analyse.With] took a package over, or nil.
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

// A Setting is an option of a program and of those that [analyse.With] makes from it.
// Declare a Setting as a package-level variable.
type Setting[T any] struct{ _ byte }

// Of returns the setting of a program, or the zero value.
func (s *Setting[T]) Of(x *Program) T {
	v, _ := x.settings[s].(T)
	return v
}

// Set changes the setting of a program.
func (s *Setting[T]) Set(x *Program, v T) {
	x.settings = maps.Clone(x.settings)
	x.settings[s] = v
}
