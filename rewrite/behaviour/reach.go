package behaviour

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// AnyReached reports whether any of the functions, or any function that they call directly or
// indirectly, satisfies the predicate is. If seen is false, letgo cannot see all of them, so
// there may be one even if found is false.
func AnyReached(x *patterns.Program, from []*patterns.Unit, is func(*patterns.Unit) bool) (found, seen bool) {
	seen = true
	visited := make(map[*patterns.Unit]bool)
	work := slices.Clone(from)
	for ; len(work) > 0; work = work[1:] {
		u := work[0]
		if visited[u] {
			continue
		}
		if visited[u] = true; len(visited) > MaxUnits {
			return false, false
		}
		if u.Body == nil {
			seen = false
			continue
		}
		if is(u) {
			return true, seen
		}
		for _, c := range u.Calls() {
			callees, known := x.Callees(u, c)
			seen = seen && known
			work = append(work, callees...)
		}
	}
	return false, seen
}
