package analyse

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// importOrder sorts the packages so that each comes after those that it imports, and by
// path. With test files there may be cycles.
func importOrder(pkgs []*patterns.Package) (order []*patterns.Package, cyclic bool) {
	byPath := make(map[string]*patterns.Package, len(pkgs))
	for _, p := range pkgs {
		byPath[p.Path] = p
	}
	const running, done = 1, 2
	state := make(map[*patterns.Package]int)
	var visit func(p *patterns.Package)
	visit = func(p *patterns.Package) {
		if state[p] != 0 {
			cyclic = cyclic || state[p] == running
			return
		}
		state[p] = running
		for _, path := range importPaths(p) {
			if q := byPath[path]; q != nil && q != p {
				visit(q)
			}
		}
		state[p] = done
		order = append(order, p)
	}
	for _, p := range pkgs {
		visit(p)
	}
	return order, cyclic
}

// importPaths lists what the files of the package import, sorted.
func importPaths(p *patterns.Package) []string {
	var paths []string
	for _, q := range p.Types.Imports() {
		paths = append(paths, q.Path())
	}
	slices.Sort(paths)
	return paths
}
