package programs

import (
	"fmt"
	"strconv"
)

// expr returns an expression of type t that may be evaluated here. Some
// expressions may panic.
func (g *gen) expr(t typ, depth int) string {
	if l := g.visible(t); len(l) > 0 && g.c.odds(50) {
		return use(pick(g.c, l))
	}
	if g.under && g.c.odds(60) {
		if f := g.field(t); f != nil {
			return g.at(f)
		}
	}
	if f := g.anyField(t, false); f != nil && g.c.odds(20) {
		return g.at(f)
	}
	switch t {
	case intT:
		return g.intExpr(depth)
	case strT:
		return g.strExpr(depth)
	case boolT:
		return g.cond(depth)
	case errT:
		return g.errExpr()
	case intsT:
		if g.c.odds(40) {
			return "[]int{" + g.expr(intT, depth+1) + "}"
		}
		return g.one("nil", "[]int{1, 2}")
	case strsT:
		return g.one("nil", `[]string{"a", "b"}`)
	case mapT:
		return g.one("nil", "make(map[string]int)", `map[string]int{"a": 1}`)
	case itemT:
		if g.c.odds(40) {
			return "nil"
		}
		return "&" + g.typeText(itemT)[1:] + "{name: " + g.expr(strT, depth+1) + "}"
	case anyT:
		return g.expr(pick(g.c, []typ{intT, strT}), depth+1)
	}
	return "nil"
}

// one returns one of the texts. They must not come from expr, which marks the
// variables it mentions as used.
func (g *gen) one(list ...string) string { return pick(g.c, list) }

func (g *gen) intExpr(depth int) string {
	if depth > 2 {
		return strconv.Itoa(g.c.n(5))
	}
	switch g.c.weigh(6, 4, 3, 3, 2, 1, 2, 1, 1) {
	case 1:
		return g.expr(intT, depth+1) + g.one("+", "-", "*") + g.operand(intT, depth+1)
	case 2:
		if l := g.visible(intsT); len(l) > 0 {
			return "len(" + use(pick(g.c, l)) + ")"
		}
		return "len(" + g.expr(strT, depth+1) + ")"
	case 3:
		if f := g.readable(mapT); f != "" {
			return f + "[" + g.expr(strT, depth+1) + "]"
		}
	case 4:
		if f := g.readable(intsT); f != "" {
			return "len(" + f + ")"
		}
	case 5:
		if f := g.readable(intsT); f != "" {
			return f + "[" + g.one("0", "1", "len("+f+")-1") + "]"
		}
	case 6:
		if f := g.readable(mapT); f != "" {
			return "len(" + f + ")"
		}
	case 7:
		if f := g.readable(anyT); f != "" {
			return f + ".(int)"
		}
	case 8:
		if f := g.readable(itemT); f != "" {
			return f + ".hits"
		}
	}
	return strconv.Itoa(g.c.n(5))
}

// operand returns an expression that can follow an operator.
func (g *gen) operand(t typ, depth int) string {
	e := g.expr(t, depth)
	for _, r := range e {
		if r == '+' || r == '-' || r == '*' || r == ' ' {
			return "(" + e + ")"
		}
	}
	return e
}

// readable returns a local or field of the type that can be read here, or "".
func (g *gen) readable(t typ) string {
	l := g.visible(t)
	var f *field
	if g.under {
		f = g.field(t)
	}
	switch {
	case f != nil && (len(l) == 0 || g.c.odds(70)):
		return g.at(f)
	case len(l) > 0:
		return use(pick(g.c, l))
	}
	return ""
}

func (g *gen) strExpr(depth int) string {
	if depth > 2 {
		return strconv.Quote(g.one("a", "b", "x"))
	}
	switch g.c.weigh(4, 3, 2, 2, 2, 1) {
	case 1:
		return g.expr(strT, depth+1) + "+" + strconv.Quote(g.one("/", ":", "x"))
	case 2:
		return "strconv.Itoa(" + g.expr(intT, depth+1) + ")"
	case 3:
		return `fmt.Sprint("n", ` + g.expr(intT, depth+1) + ")"
	case 4:
		if f := g.readable(itemT); f != "" {
			return f + ".name"
		}
	case 5:
		if f := g.readable(strsT); f != "" {
			return f + "[0]"
		}
	}
	return strconv.Quote(g.one("a", "b", "c"))
}

// cond returns a condition.
func (g *gen) cond(depth int) string {
	switch g.c.weigh(4, 3, 2, 2, 2, 2, 2) {
	case 1:
		if l := g.visible(boolT); len(l) > 0 {
			return g.one("", "!") + use(pick(g.c, l))
		}
	case 2:
		return g.operand(strT, depth+1) + g.one(" == ", " != ") + strconv.Quote(g.one("a", "b", ""))
	case 3:
		if f := g.readable(boolT); f != "" {
			return g.one("", "!") + f
		}
	case 4:
		if f := g.readable(itemT); f != "" {
			return f + " != nil"
		}
	case 5:
		if f := g.readable(mapT); f != "" {
			return f + " == nil"
		}
	case 6:
		if depth < 2 {
			return g.cond(depth+1) + g.one(" && ", " || ") + g.cond(depth+2)
		}
	}
	left := g.readable(intT)
	if left == "" {
		left = g.operand(intT, 0)
	}
	return left + g.one(" > ", " < ", " == ") + strconv.Itoa(g.c.n(3))
}

func (g *gen) errExpr() string {
	if l := g.visible(errT); len(l) > 0 && g.c.odds(60) {
		err := use(l[0])
		if g.c.odds(30) {
			return fmt.Sprintf(`fmt.Errorf("%s: %%w", %s)`, g.one("load", "store"), err)
		}
		return err
	}
	return g.one("nil", "nil", g.newID("errStopped"))
}
