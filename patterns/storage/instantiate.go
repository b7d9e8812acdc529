package storage

import (
	"go/ast"
	"go/types"
)

// An instance is a call of a function that has been read. It maps each class of the
// function to the storage of the caller.
type instance struct {
	m    *Model
	by   string
	of   map[Class]Class
	seen map[Class]bool // classes whose uses were noted
}

// instantiate applies what a function does to the arguments of a call.
func (m *Model) instantiate(c *ast.CallExpr, fn *types.Func) []Class {
	in := &instance{m: m, by: fn.Name(), of: make(map[Class]Class), seen: make(map[Class]bool)}
	sig := fn.Signature()
	if recv := sig.Recv(); recv != nil {
		if x := ReceiverOf(m.info, c); x != nil {
			in.bind(m.placeOf(recv), m.receiver(x, recv), x)
		}
	}
	nodes := m.argumentNodes(c)
	m.eachArgument(c, sig, func(param *types.Var, arg Class, whole bool) {
		formal := m.placeOf(param)
		if !whole {
			formal = m.refersTo(formal)
		}
		in.bind(formal, arg, nodes(arg))
	})
	formals := m.resultsOf(fn)
	out := make([]Class, len(formals))
	for i, f := range formals {
		out[i] = m.fresh()
		in.result(f, out[i])
	}
	return out
}

// argumentNodes returns a function that finds the argument with a place.
func (m *Model) argumentNodes(c *ast.CallExpr) func(Class) ast.Expr {
	return func(p Class) ast.Expr {
		for _, a := range c.Args {
			if m.place(a) == p {
				return a
			}
		}
		return c
	}
}

// bind identifies the value in a place of the function with the one in a place of the
// caller, and everything that they refer to.
func (in *instance) bind(formal, actual Class, node ast.Expr) {
	m := in.m
	for depth := 0; formal != 0 && actual != 0; depth++ {
		f := m.find(m.target[m.find(formal)])
		if f == 0 {
			return
		}
		a := m.refers(actual)
		if m.flags[f]&shared != 0 {
			m.union(f, a)
			return
		}
		if old, ok := in.of[f]; ok {
			m.union(old, a)
			a = m.find(a)
		}
		in.of[f] = a
		if in.seen[f] {
			return
		}
		in.seen[f] = true
		in.uses(f, a, node)
		formal, actual = f, a
	}
}

// uses notes what the function does to one class.
func (in *instance) uses(f, a Class, node ast.Expr) {
	m := in.m
	switch fl := m.flags[f]; {
	case fl&deep != 0:
		m.use(Use{Kind: Lend, Class: a, Node: node, By: in.by, Deep: true})
	case fl&written != 0:
		m.use(Use{Kind: Write, Class: a, Node: node, By: in.by})
	case fl&changed != 0:
		m.use(Use{Kind: Write, Class: a, Node: node, By: in.by, Part: true})
	}
}

// result gives a place of the caller what a result of the function refers to.
func (in *instance) result(formal, actual Class) {
	m := in.m
	seen := make(map[Class]bool)
	for formal != 0 {
		f := m.find(m.target[m.find(formal)])
		if f == 0 || seen[f] {
			return
		}
		seen[f] = true
		if m.flags[f]&shared != 0 {
			m.union(f, m.refers(actual))
			return
		}
		if a, ok := in.of[f]; ok {
			m.union(a, m.refers(actual))
			return
		}
		a := m.refers(actual)
		in.of[f] = a
		formal, actual = f, a
	}
}
