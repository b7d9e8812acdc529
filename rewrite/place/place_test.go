package place

import (
	"fmt"
	"strings"
	"testing"
)

// A function under test is written one statement a line, in the order of evaluation:
//
//	lock            the Lock of the section
//	unlock          the Unlock of the section
//	need NAME       what needs the lock
//	wait NAME       what waits
//	free NAME       what may be either
//	read NAME       what needs the lock, or a value that was taken out before
//	cut NAME        what waits, and reads right before
//	commit NAME     what waits, and needs the lock for its result
//	return NAME     what leaves the function, with or without the lock
//	if NAME {       a branch on what may be either; needif for one on guarded state
//	} else {
//	loop NAME {     a loop on what may be either
//	break, continue
//	}
type parser struct {
	lines []string
	loops []Node
}

func (p *parser) list() *List {
	l := &List{}
	for len(p.lines) > 0 {
		line := p.lines[0]
		if strings.HasPrefix(line, "}") {
			return l
		}
		p.lines = p.lines[1:]
		l.Elems = append(l.Elems, Elem{Node: p.stmt(line), ID: line})
	}
	return l
}

func same(cost int, states ...State) []Mode {
	var modes []Mode
	for _, s := range states {
		m := Mode{From: s, To: s}
		if s == Held {
			m.Cost = cost
		}
		modes = append(modes, m)
	}
	return modes
}

func (p *parser) stmt(line string) Node {
	word, _, _ := strings.Cut(line, " ")
	line = strings.TrimSuffix(line, " {")
	st := &Step{ID: line}
	switch word {
	case "lock":
		st.Modes = []Mode{{From: Outside, To: Held}, {From: Outside, To: Free}}
	case "unlock":
		st.Modes = []Mode{{From: Held, To: Outside}, {From: Cut, To: Outside}, {From: Free, To: Outside}}
	case "need":
		st.Modes = same(0, Outside, Held)
	case "read":
		st.Modes = same(0, Outside, Held, Cut)
	case "wait":
		st.Modes = same(10000, Outside, Held, Cut, Free)
	case "free":
		st.Modes = same(1, Outside, Held, Cut, Free)
	case "cut":
		st.Modes = append(same(10000, Outside, Held), Mode{From: Held, To: Cut, Cost: 130})
	case "commit":
		st.Modes = append(same(10000, Outside, Held), Mode{From: Cut, To: Held, Cost: 160}, Mode{From: Free, To: Held, Cost: 160})
	case "return":
		st.Modes, st.Ends = same(40, Outside, Held, Cut, Free), true
	case "break", "continue":
		st.Modes = same(0, Outside, Held, Cut, Free)
		st.Jump, st.Continue = p.loops[len(p.loops)-1], word == "continue"
	case "if", "needif":
		return p.branch(line, word)
	case "loop", "again":
		n := &Loop{Header: []*Step{{ID: line, Modes: same(1, Outside, Held, Cut, Free)}}, Leaves: true}
		if word == "again" {
			n.Header[0].Modes, n.Again = same(0, Held), true
		}
		p.loops = append(p.loops, n)
		n.Body = p.list()
		p.lines, p.loops = p.lines[1:], p.loops[:len(p.loops)-1]
		return n
	default:
		panic("unknown statement: " + line)
	}
	return st
}

func (p *parser) branch(line, word string) Node {
	head := &Step{ID: line, Modes: same(1, Outside, Held, Cut, Free)}
	if word == "needif" {
		head.Modes = same(0, Outside, Held)
	}
	n := &Branch{Header: []*Step{head}, Arms: []Node{p.list()}, Skips: true}
	end := p.lines[0]
	p.lines = p.lines[1:]
	if strings.Contains(end, "else") {
		n.Arms, n.Skips = append(n.Arms, p.list()), false
		p.lines = p.lines[1:]
	}
	return n
}

// show prints a solution: the steps, and where the lock is taken and released.
func show(b *strings.Builder, events []Event, indent string) {
	for _, e := range events {
		switch {
		case e.Arms != nil:
			for _, a := range e.Arms {
				fmt.Fprintf(b, "%s{\n", indent)
				show(b, a, indent+"\t")
				fmt.Fprintf(b, "%s}\n", indent)
			}
		case e.Step != nil && (e.Step.ID == "lock" || e.Step.ID == "unlock"):
			if e.Mode.From == Held || e.Mode.To == Held {
				fmt.Fprintf(b, "%s%v\n", indent, e.Step.ID)
			}
		case e.Step != nil:
			mark := ""
			if e.Mode.From != e.Mode.To {
				mark = fmt.Sprintf(" (%s to %s)", e.Mode.From, e.Mode.To)
			}
			fmt.Fprintf(b, "%s%v%s\n", indent, e.Step.ID, mark)
		case e.Toggle == Held:
			fmt.Fprintf(b, "%s+lock\n", indent)
		default:
			fmt.Fprintf(b, "%s+unlock\n", indent)
		}
	}
}

func TestSolve(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"hoist", `lock
need a
wait b
return c`, `lock
need a
+unlock
wait b
return c`},
		{"a test made anew in each round", `lock
again a {
need b
wait c
}
unlock`, `lock
{
	again a
	need b
	+unlock
	wait c
	+lock
}
unlock`},
		{"sink", `lock
wait a
need b
return c`, `wait a
+lock
need b
return c`},
		{"split", `lock
need a
wait b
need c
unlock
free d`, `lock
need a
+unlock
wait b
+lock
need c
unlock
free d`},
		{"a value is taken out before the one Unlock", `lock
need a
wait b
read c
return d`, `lock
need a
+unlock
wait b
read c
return d`},
		{"an operand is read right before the wait", `lock
cut a
return b`, `lock
cut a (held to cut)
return b`},
		{"the result is committed", `lock
need a
commit b
return c`, `lock
need a
+unlock
commit b (cut to held)
return c`},
		{"in a branch that returns", `lock
needif a {
wait b
return c
}
need d
return e`, `lock
needif a
{
	+unlock
	wait b
	return c
}
need d
return e`},
		{"in a branch that goes on", `lock
need a
needif b {
wait c
}
need d
return e`, `lock
need a
needif b
{
	+unlock
	wait c
	+lock
}
need d
return e`},
		{"both branches wait", `lock
needif a {
wait b
} else {
wait c
}
return d`, `lock
needif a
{
	+unlock
	wait b
}
{
	+unlock
	wait c
}
return d`},
		{"a loop takes the lock in each round", `lock
loop a {
need b
wait c
}
need d
return e`, `{
	loop a
	+lock
	need b
	+unlock
	wait c
}
+lock
need d
return e`},
		{"what a loop reads is taken out before it, if it never takes the lock", `lock
need a
loop b {
wait c
read d
}
return e`, `lock
need a
+unlock
{
	loop b
	wait c
	read d
}
return e`},
		{"what is read in a loop that takes the lock is read under it", `lock
need a
loop b {
wait c
read d
need e
}
return f`, `lock
need a
+unlock
{
	loop b
	wait c
	+lock
	read d
	need e
	+unlock
}
return f`},
		{"a continue begins the next round as the end does", `lock
loop a {
need b
needif c {
continue
}
wait d
}
return e`, `{
	loop a
	+lock
	need b
	needif c
	{
		+unlock
		continue
	}
	+unlock
	wait d
}
return e`},
		{"a lock that is taken in a branch", `if a {
lock
need b
}
wait c
return d`, `if a
{
	lock
	need b
	+unlock
}
wait c
return d`},
	} {
		p := &parser{lines: strings.Split(c.in, "\n")}
		events, _, ok := Solve(p.list(), Costs{Lock: 100, Unlock: 100, Loop: 3})
		if !ok {
			t.Errorf("%s: no solution", c.name)
			continue
		}
		var b strings.Builder
		show(&b, events, "")
		got, want := strings.TrimSpace(b.String()), strings.TrimSpace(c.want)
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

// A step that cannot be carried out in any state that may be had leaves no solution.
func TestNoSolution(t *testing.T) {
	impossible := &Step{ID: "x", Modes: []Mode{{From: Cut, To: Cut}}}
	l := &List{Elems: []Elem{{Node: impossible, ID: "x"}}}
	if _, _, ok := Solve(l, Costs{Lock: 1, Unlock: 1, Loop: 1}); ok {
		t.Error("a solution was found")
	}
}

// The work is bounded: deep nesting gives a solution, or none, soon.
func TestDeep(t *testing.T) {
	in := "lock\n" + strings.Repeat("loop a {\nneedif b {\nbreak\n}\n", 12) + "wait c\n" + strings.Repeat("}\n", 12) + "return d"
	p := &parser{lines: strings.Split(in, "\n")}
	Solve(p.list(), Costs{Lock: 100, Unlock: 100, Loop: 3})
}

func TestReach(t *testing.T) {
	p := &parser{lines: strings.Split("lock\nif a {\nwait b\nreturn c\n}\nneed d\nloop e {\nneed f\nbreak\n}\nreturn g", "\n")}
	next := Successors(p.list())
	by := make(map[string]*Step)
	for st := range next {
		by[st.ID.(string)] = st
	}
	after := Reach(next, []*Step{by["wait b"]})
	if after[by["need d"]] || !after[by["return c"]] {
		t.Error("what follows a branch is reached from one that returns")
	}
	after = Reach(next, []*Step{by["need f"]})
	if after[by["loop e"]] || !after[by["return g"]] {
		t.Error("a break begins another round")
	}
}
