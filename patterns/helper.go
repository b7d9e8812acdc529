package patterns

// OpsOf lists what a unit may wait for while it holds its callers' locks, in
// source order.
func (x *Program) OpsOf(u *Unit) []*Op {
	on := Options{}.on()
	var ops []*Op
	add := func(o *Op) {
		if o != nil && on[o.Category] {
			ops = append(ops, o)
		}
	}
	for _, s := range x.sites(u) {
		if s.op != nil {
			add(s.op)
			continue
		}
		if s.take != nil {
			continue
		}
		for _, key := range sortedReach(mayReach.Of(s.callee)) {
			add(u.through(s, key))
		}
	}
	return mergeOps(ops)
}
