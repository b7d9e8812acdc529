package waits

import "github.com/letgo-dev/letgo/patterns"

// OpsOf lists what a unit may wait for while it holds its callers' locks, in source
// order.
func OpsOf(x *patterns.Program, u *patterns.Unit) []*Op {
	on := Options{}.On()
	var ops []*Op
	add := func(o *Op) {
		if o != nil && on[o.Category] {
			ops = append(ops, o)
		}
	}
	for _, s := range sitesIn(x, u) {
		if s.Op != nil {
			add(s.Op)
			continue
		}
		if s.Take != nil {
			continue
		}
		for _, key := range SortedReach(MayReach.Of(s.Callee)) {
			add(through(u, s, key))
		}
	}
	return mergeOps(ops)
}
