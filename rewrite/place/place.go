// Package place decides where a lock is released and taken again in a function.
//
// The function is a tree of blocks with steps at its leaves. Each step can run in some
// modes: with the lock held, without it, or as a cut, which begins in one state and
// ends in the other. Between two steps of one statement list an Unlock or a Lock may be
// placed. [Solve] finds the cheapest way to run the whole function so that the states
// agree wherever paths meet and the lock is free at every end. It is lazy code motion
// for locks: a wait under the lock is expensive, and each Lock and Unlock costs a
// little, more so in a loop.
//
// The package knows neither Go nor conditions: its caller says what a step needs and
// what it costs.
package place

// A State is the state of the lock between two steps.
type State uint8

const (
	Outside State = iota // the section has not begun, or is over
	Held                 // the lock is held
	Cut                  // it was released, by an Unlock in this block or one around it, before which values can be taken out
	Free                 // it is not held, and no one place before dominates: nothing can be taken out
	Gone                 // as Cut, and it is taken again only when the function returns, by defer
	states
)

func (s State) String() string {
	return [...]string{"outside", "held", "cut", "free", "gone"}[s]
}

// A Mode is one way to run a step.
type Mode struct {
	From, To State
	Cost     int
	Kind     int // of the caller's choosing
}

// A Node is a part of a function.
type Node interface {
	solve(*solver, State, env) results
}

// A Step is a leaf: a simple statement, or a part of the header of a compound one.
type Step struct {
	ID    any // of the caller's choosing, not nil
	Modes []Mode

	// Ends: control does not go on after it, but leaves the function. What has to be
	// done there, such as a release, is part of the cost of its modes.
	Ends bool
	// Jump is the loop or switch that the step leaves, or whose next round it begins.
	Jump     Node
	Continue bool
}

// A List is a statement list. Before each element, and after the last one, the lock
// can be released or taken.
type List struct {
	Elems []Elem
	Tail  bool // the function ends where the list does, so that a return can stand at its end
}

// An Elem is an element of a statement list.
type Elem struct {
	Node
	ID   any  // the statement
	Deny bool // no Lock or Unlock may stand before it, nor after it if it is the last
}

// A Branch is an if or a switch: a header and lists of which one runs. A break ends it.
type Branch struct {
	Header []*Step
	Arms   []Node
	Skips  bool // it may be that no arm is carried out
}

// A Loop is a for statement. The header runs before each iteration.
type Loop struct {
	Init   []*Step
	Header []*Step
	Body   Node
	Post   []*Step
	Leaves bool // it ends by its header, too, not only by a break
	Again  bool // the lock may be taken again for the header of the next iteration
}

// A Costs says what a Lock or an Unlock costs.
type Costs struct {
	Lock, Unlock int
	Loop         int // a factor for each loop around it
	Return       int // what it costs to add a return
	Gone         int // an Unlock with a deferred Lock, after which the lock is not held any more; 0 if there is none
}

// An Event is a part of a solution, in source order.
type Event struct {
	Step *Step // with its mode
	Mode Mode

	Return bool  // a return is added at the end of a list
	Toggle State // Held for a Lock, Cut for an Unlock, Gone for one with a deferred Lock
	At     any   // the statement that it stands before
	After  bool  // it stands after it

	Arms [][]Event // of a branch or loop, each beginning as the whole does
}

const infinite = 1 << 40

type result struct {
	cost   int
	events *trace
}

// A trace is a list of events, the last one first.
type trace struct {
	event Event
	prev  *trace
}

func (t *trace) list() []Event {
	var out []Event
	for ; t != nil; t = t.prev {
		out = append(out, t.event)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

type results [states]result

func none() results {
	var r results
	for i := range r {
		r[i].cost = infinite
	}
	return r
}

func (r *results) better(s State, cost int, t *trace) {
	if cost < r[s].cost {
		r[s] = result{cost, t}
	}
}

// An env says what holds around a node.
type env struct {
	fixed bool   // no Lock or Unlock may be placed
	spent bool   // no Lock may be placed: a release is for good
	loops int    // how many loops stand around it
	later bool   // a loop stands before it
	jumps *jumps // the states that jumps must end in
}

type jumps struct {
	target    Node
	onBreak   State
	onContine State
	outer     *jumps
}

type solver struct {
	costs Costs
	memo  map[key]results
	work  int
}

type key struct {
	node  Node
	in    State
	fixed bool
	spent bool
	jumps string
}

// maxWork bounds how many times a node is looked at.
const maxWork = 400_000

// Solve returns the cheapest way to run a function whose body is the node, from a state
// outside of the section to one in which the lock is not held, and its cost. ok is
// false if there is none, or if it gave up.
func Solve(body Node, costs Costs) (events []Event, cost int, ok bool) {
	s := &solver{costs: costs, memo: make(map[key]results)}
	r := s.solve(body, Outside, env{})
	best := State(states)
	for _, out := range []State{Outside, Free, Cut} {
		if r[out].cost < infinite && (best == states || r[out].cost < r[best].cost) {
			best = out
		}
	}
	if s.work > maxWork || best == states {
		return nil, 0, false
	}
	return r[best].events.list(), r[best].cost, true
}

// SolveHeld is Solve for the body of a function that is called with the lock held and
// returns with it held.
func SolveHeld(body Node, costs Costs) (events []Event, cost int, ok bool) {
	s := &solver{costs: costs, memo: make(map[key]results)}
	r := s.solve(body, Held, env{})
	best := result{cost: infinite}
	if ends(body) {
		best = r[Outside]
	} else {
		for _, out := range []State{Held, Gone} {
			if r[out].cost < best.cost {
				best = r[out]
			}
		}
	}
	if s.work > maxWork || best.cost >= infinite {
		return nil, 0, false
	}
	return best.events.list(), best.cost, true
}

func (e env) signature() string {
	b := []byte{byte(e.loops)}
	for j := e.jumps; j != nil; j = j.outer {
		b = append(b, byte(j.onBreak), byte(j.onContine))
	}
	return string(b)
}

func (s *solver) solve(n Node, in State, e env) results {
	if _, leaf := n.(*Step); leaf {
		return n.solve(s, in, e)
	}
	k := key{n, in, e.fixed, e.spent, e.signature()}
	if r, ok := s.memo[k]; ok {
		return r
	}
	if s.work++; s.work > maxWork {
		return none()
	}
	r := n.solve(s, in, e)
	s.memo[k] = r
	return r
}

func (st *Step) solve(s *solver, in State, e env) results {
	r := none()
	for _, m := range st.Modes {
		if m.From != in || e.fixed && m.To != m.From || e.spent && m.To == Held && in != Held {
			continue
		}
		t := &trace{event: Event{Step: st, Mode: m}}
		switch {
		case st.Ends:
			r.better(Outside, m.Cost, t) // and nothing is carried out after it
		case st.Jump != nil:
			if want, ok := e.target(st); ok && agrees(m.To, want) {
				r.better(Outside, m.Cost, t)
			}
		default:
			r.better(m.To, m.Cost, t)
		}
	}
	return r
}

func (e env) target(st *Step) (State, bool) {
	for j := e.jumps; j != nil; j = j.outer {
		if j.target == st.Jump {
			if st.Continue {
				return j.onContine, true
			}
			return j.onBreak, true
		}
	}
	return 0, false
}

// agrees reports whether one state may be taken for another one where paths meet.
func agrees(s, want State) bool { return s == want || want == Free && (s == Cut || s == Outside) }

// ends reports whether control never passes a node.
func ends(n Node) bool {
	switch n := n.(type) {
	case *Step:
		return n.Ends || n.Jump != nil
	case *List:
		return len(n.Elems) > 0 && ends(n.Elems[len(n.Elems)-1].Node)
	case *Branch:
		if n.Skips || len(n.Arms) == 0 || jumpsTo(n, n) {
			return false
		}
		for _, a := range n.Arms {
			if !ends(a) {
				return false
			}
		}
		return true
	case *Loop:
		return !n.Leaves && !jumpsTo(n, n)
	}
	return false
}

// jumpsTo reports whether a break in a node ends the target.
func jumpsTo(n, target Node) bool {
	switch n := n.(type) {
	case *Step:
		return n.Jump == target && !n.Continue
	case *List:
		for _, e := range n.Elems {
			if jumpsTo(e.Node, target) {
				return true
			}
		}
	case *Branch:
		for _, a := range n.Arms {
			if jumpsTo(a, target) {
				return true
			}
		}
	case *Loop:
		return jumpsTo(n.Body, target)
	}
	return false
}

func (l *List) solve(s *solver, in State, e env) results {
	cur := none()
	cur[in] = result{}
	for _, el := range l.Elems {
		cur = s.toggle(cur, el, false, e)
		next := none()
		for st := range states {
			if cur[st].cost >= infinite {
				continue
			}
			r := s.solve(el.Node, st, e)
			for out := range states {
				next.better(out, cur[st].cost+r[out].cost, join(cur[st].events, r[out].events))
			}
		}
		cur = next
		if ends(el.Node) {
			return cur
		}
		if _, ok := el.Node.(*Loop); ok {
			e.later = true
		}
	}
	if n := len(l.Elems); n > 0 {
		cur = s.toggle(cur, l.Elems[n-1], true, e)
	}
	return cur
}

// toggle adds what a Lock or an Unlock beside an element makes possible.
func (s *solver) toggle(cur results, el Elem, after bool, e env) results {
	cur.better(Free, cur[Cut].cost, cur[Cut].events)
	if e.fixed || el.Deny {
		return cur
	}
	weight := 1
	for range e.loops {
		weight *= s.costs.Loop
	}
	with := func(from, to State, cost int) {
		if cur[from].cost < infinite {
			cur.better(to, cur[from].cost+cost*weight, &trace{Event{Toggle: to, At: el.ID, After: after}, cur[from].events})
		}
	}
	held := cur[Held]
	if s.costs.Gone > 0 && (e.loops == 0 || ends(el.Node)) && !after {
		cur.better(Gone, cur[Held].cost+s.costs.Gone, &trace{Event{Toggle: Gone, At: el.ID}, cur[Held].events})
	}
	if !e.spent {
		with(Free, Held, s.costs.Lock)
	}
	locked := cur[Held]
	if (e.loops > 0 || e.later) && !after && locked.events != held.events {
		with(Held, Cut, s.costs.Unlock) // taken only to take values out, which cannot be done before the loop
	}
	cur[Held] = held
	with(Held, Cut, s.costs.Unlock)
	cur[Held] = locked
	cur.better(Free, cur[Cut].cost, cur[Cut].events)
	return cur
}

// join appends one trace to another.
func join(a, b *trace) *trace {
	if b == nil {
		return a
	}
	if b.prev == nil {
		return &trace{b.event, a}
	}
	return &trace{b.event, join(a, b.prev)}
}

// header carries out the steps of a header one after the other.
func (s *solver) header(steps []*Step, cur results, e env) results {
	for _, st := range steps {
		next := none()
		for in := range states {
			if cur[in].cost >= infinite {
				continue
			}
			r := st.solve(s, in, e)
			for out := range states {
				next.better(out, cur[in].cost+r[out].cost, join(cur[in].events, r[out].events))
			}
		}
		cur = next
	}
	return cur
}

func from(in State) results {
	cur := none()
	cur[in] = result{}
	return cur
}

func (b *Branch) solve(s *solver, in State, e env) results {
	after := s.header(b.Header, from(in), e)
	out := none()
	for h := range states {
		if after[h].cost >= infinite {
			continue
		}
		for want := range states {
			// What comes out cut must have been cut before, and nothing moved in it.
			fixed := want == Cut || want == Gone
			if fixed && h != want {
				continue
			}
			if cost, arms, ok := b.arms(s, h, want, e, fixed); ok {
				out.better(want, after[h].cost+cost, &trace{Event{Arms: arms}, after[h].events})
			}
		}
	}
	return out
}

// arms carries out all arms from one state to another.
func (b *Branch) arms(s *solver, h, want State, e env, fixed bool) (cost int, arms [][]Event, ok bool) {
	e.fixed = e.fixed || fixed
	e.jumps = &jumps{target: b, onBreak: want, onContine: want, outer: e.jumps}
	if b.Skips && !agrees(h, want) {
		return 0, nil, false
	}
	for _, a := range b.Arms {
		r := s.solve(a, h, e)
		best := result{cost: infinite}
		for st := range states {
			if r[st].cost < best.cost && (ends(a) || agrees(st, want)) {
				best = r[st]
			}
			if l, ok := a.(*List); ok && l.Tail && !ends(a) && want == Held && (st == Cut || st == Free) && r[st].cost+s.costs.Return < best.cost {
				best = result{r[st].cost + s.costs.Return, &trace{Event{Return: true, At: l.Elems[len(l.Elems)-1].ID, After: true}, r[st].events}}
			}
		}
		if best.cost >= infinite {
			return 0, nil, false
		}
		cost += best.cost
		arms = append(arms, best.events.list())
	}
	return cost, arms, true
}

func (l *Loop) solve(s *solver, in State, e env) results {
	start := s.header(l.Init, from(in), e)
	out := none()
	inner := e
	inner.loops++
	for head := range states {
		begin := result{cost: infinite}
		for st := range states {
			if start[st].cost < begin.cost && agrees(st, head) {
				begin = start[st]
			}
		}
		if begin.cost >= infinite {
			continue
		}
		for want := range states {
			// A loop that begins its rounds under the lock keeps it, unless each round is
			// known to begin anew: it would be held by the Lock before the loop or by the
			// one of the last round.
			fixed, spent := head == Cut || head == Gone, head == Held && !l.Again
			if (want == Cut || want == Gone) && head != want {
				continue
			}
			e := inner
			e.fixed, e.spent = e.fixed || fixed, e.spent || spent
			e.jumps = &jumps{target: l, onBreak: want, onContine: head, outer: inner.jumps}
			if cost, events, ok := l.round(s, head, want, e); ok {
				out.better(want, begin.cost+cost, &trace{Event{Arms: [][]Event{events}}, begin.events})
			}
		}
	}
	return out
}

// round carries out one round of a loop, from the state at its head back to that.
func (l *Loop) round(s *solver, head, want State, e env) (int, []Event, bool) {
	cur := s.header(l.Header, from(head), e)
	best := result{cost: infinite}
	for h := range states {
		if cur[h].cost >= infinite || l.Leaves && !agrees(h, want) {
			continue
		}
		body := s.solve(l.Body, h, e)
		if ends(l.Body) && len(l.Post) == 0 {
			for st := range states {
				if c := cur[h].cost + body[st].cost; c < best.cost {
					best = result{c, join(cur[h].events, body[st].events)}
				}
			}
			continue
		}
		for st := range states {
			if body[st].cost >= infinite {
				continue
			}
			post := s.header(l.Post, from(st), e)
			for end := range states {
				if c := cur[h].cost + body[st].cost + post[end].cost; c < best.cost && agrees(end, head) {
					best = result{c, join(join(cur[h].events, body[st].events), post[end].events)}
				}
			}
		}
	}
	return best.cost, best.events.list(), best.cost < infinite
}
