package patterns

// reachFact describes one way from the unit to an operation.
func (u *Unit) reachFact(key reachKey) (ReachFact, bool) {
	var o Op
	said, ok := u.follow(key, &o)
	if !ok {
		return ReachFact{}, false
	}
	r := ReachFact{
		Category: key.cat, Freed: key.freed, Dist: mayReach.Of(u)[key].dist, Path: o.Path, Said: said, Weak: o.Weak,
		Effect: o.Effect, Safety: o.Safety, What: o.What, Why: o.Why, Own: o.Own, Lock: o.lock,
	}
	if o.cond != nil {
		r.Cond = &CondFact{Mutex: o.cond.mutexID, Own: o.cond.own}
	}
	return r, true
}

// op is the operation as the importing package sees it: it has no node.
func (r *ReachFact) op() *Op {
	o := &Op{Category: r.Category, Effect: r.Effect, Safety: r.Safety, What: r.What, Why: r.Why, Own: r.Own, lock: r.Lock}
	if r.Cond != nil {
		o.cond = &condRef{mutexID: r.Cond.Mutex, own: r.Cond.Own}
	}
	return o
}
