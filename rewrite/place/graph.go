package place

// Successors returns, for each step of a function, the steps that may come next.
func Successors(body Node) map[*Step][]*Step {
	g := &graph{next: make(map[*Step][]*Step), jumps: make(map[Node]*targets)}
	g.add(body, nil)
	return g.next
}

type graph struct {
	next  map[*Step][]*Step
	jumps map[Node]*targets
}

// targets are the steps that jump to a loop or switch.
type targets struct{ breaks, continues []*Step }

// add adds a node that comes after the given steps, and returns the last steps of
// it.
func (g *graph) add(n Node, after []*Step) []*Step {
	switch n := n.(type) {
	case *Step:
		return g.step(n, after)
	case *List:
		for _, e := range n.Elems {
			after = g.add(e.Node, after)
		}
		return after
	case *Branch:
		t := &targets{}
		g.jumps[n] = t
		after = g.steps(n.Header, after)
		var out []*Step
		if n.Skips {
			out = append(out, after...)
		}
		for _, a := range n.Arms {
			out = append(out, g.add(a, after)...)
		}
		return append(out, t.breaks...)
	case *Loop:
		return g.loop(n, after)
	}
	return after
}

func (g *graph) loop(n *Loop, after []*Step) []*Step {
	t := &targets{}
	g.jumps[n] = t
	head := g.steps(n.Init, after)
	var out []*Step
	for range 2 { // the second time the end of the first round comes before
		h := g.steps(n.Header, head)
		if n.Leaves {
			out = h
		}
		end := append(g.add(n.Body, h), t.continues...)
		head = append(head, g.steps(n.Post, end)...)
	}
	return append(out, t.breaks...)
}

func (g *graph) steps(list []*Step, after []*Step) []*Step {
	for _, st := range list {
		after = g.step(st, after)
	}
	return after
}

func (g *graph) step(st *Step, after []*Step) []*Step {
	for _, a := range after {
		if !contains(g.next[a], st) {
			g.next[a] = append(g.next[a], st)
		}
	}
	if _, ok := g.next[st]; !ok {
		g.next[st] = nil
	}
	switch {
	case st.Ends:
		return nil
	case st.Jump != nil:
		t := g.jumps[st.Jump]
		if t == nil {
			return nil
		}
		if st.Continue {
			t.continues = append(t.continues, st)
		} else {
			t.breaks = append(t.breaks, st)
		}
		return nil
	}
	return []*Step{st}
}

func contains(list []*Step, st *Step) bool {
	for _, o := range list {
		if o == st {
			return true
		}
	}
	return false
}

// Reach returns the steps that can be reached from the given ones in one step or more.
func Reach(next map[*Step][]*Step, from []*Step) map[*Step]bool {
	seen := make(map[*Step]bool)
	work := append([]*Step(nil), from...)
	for len(work) > 0 {
		st := work[len(work)-1]
		work = work[:len(work)-1]
		for _, n := range next[st] {
			if !seen[n] {
				seen[n] = true
				work = append(work, n)
			}
		}
	}
	return seen
}

// Reverse returns the graph with its edges reversed.
func Reverse(next map[*Step][]*Step) map[*Step][]*Step {
	out := make(map[*Step][]*Step, len(next))
	for from, list := range next {
		for _, to := range list {
			out[to] = append(out[to], from)
		}
	}
	return out
}
