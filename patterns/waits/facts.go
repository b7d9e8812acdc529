package waits

import "github.com/letgo-dev/letgo/patterns"

// ReachFact describes one path from the unit to an operation.
func ReachFact(u *patterns.Unit, key reachKey) (patterns.ReachFact, bool) {
	var o Op
	said, ok := follow(u, key, &o)
	if !ok {
		return patterns.ReachFact{}, false
	}
	r := patterns.ReachFact{
		Category: key.cat, Freed: key.freed, Dist: MayReach.Of(u)[key].dist, Path: o.Path, Said: said, Weak: o.Weak,
		Effect: o.Effect, Safety: o.Safety, What: o.What, Why: o.Why, Own: o.Own, Lock: o.lock, Beside: o.Beside,
	}
	if o.Cond != nil {
		r.Cond = &patterns.CondFact{Mutex: o.Cond.mutexID, Own: o.Cond.own}
	}
	return r, true
}

// reachedOp is the operation as the importing package sees it, without a node.
func reachedOp(r *patterns.ReachFact) *Op {
	o := &Op{Category: r.Category, Effect: r.Effect, Safety: r.Safety, What: r.What, Why: r.Why, Own: r.Own, lock: r.Lock}
	if r.Cond != nil {
		o.Cond = &CondRef{mutexID: r.Cond.Mutex, own: r.Cond.Own}
	}
	return o
}
