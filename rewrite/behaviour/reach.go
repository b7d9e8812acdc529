package behaviour

import (
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// AnyReached reports whether some functions, or functions that they call, directly or
// not, are of a kind. If letgo does not see all of them, seen is false: then the answer
// false says nothing about the others.
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
