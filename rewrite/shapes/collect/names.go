package collect

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/letgo-dev/letgo/rewrite/syntax"
)

// elemName is a name for one of the values that actions take.
func (c *collection) elemName(a *action, e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return syntax.LowerFirst(e.Sel.Name)
	case *ast.IndexExpr:
		if id := syntax.IdentOf(e.X); id != nil {
			if one := syntax.LowerFirst(syntax.Singular(id.Name)); one != "v" {
				return one
			}
		}
	}
	if i := slices.Index(a.args, e); i >= 0 && a.call != nil {
		if sig, ok := c.Info.TypeOf(a.call.Fun).(*types.Signature); ok && i < sig.Params().Len() {
			if name := sig.Params().At(i).Name(); len(name) > 1 {
				return name
			}
		}
	}
	if n := typeName(c.Info.TypeOf(e)); n != "" {
		return syntax.LowerFirst(n)
	}
	return "v"
}

// listName is a name for the variable that keeps what actions take: what is about to happen
// to it, or what it is. A reader would confuse it with a field of that name used in the
// function.
func (c *collection) listName(a *action, elem string) string {
	var names []string
	if a.call == nil {
		if slices.ContainsFunc(a.targets, func(e ast.Expr) bool { return syntax.Within(a.Takes[0], e) }) {
			names = append(names, "receivers")
		}
	} else if id := syntax.IdentOf(a.call.Fun); id != nil {
		verb := firstWord(id.Name)
		if p, ok := participles[verb]; ok && len(a.targets) == 1 && syntax.Within(a.Takes[0], a.targets[0]) {
			names = append(names, p)
		}
	}
	if elem == "" {
		elem = c.elemName(a, a.Takes[0])
	}
	if len(elem) > 2 {
		names = append(names, plural(elem))
	}
	if n := typeName(c.Info.TypeOf(a.Takes[0])); n != "" {
		names = append(names, plural(syntax.LowerFirst(n)))
	}
	for _, name := range names {
		if c.freshIs(name) && !c.selects(name) {
			return name
		}
	}
	return "pending"
}

// selects reports whether the function selects a field or method of that name.
func (c *collection) selects(name string) bool {
	return syntax.Has(c.Unit.Decl, func(sel *ast.SelectorExpr) bool { return sel.Sel.Name == name })
}

// participles name what is about to be closed, stopped and so on.
var participles = map[string]string{
	"close": "closing", "stop": "stopping", "shutdown": "stopping", "cancel": "canceled", "release": "released",
	"kill": "killed", "abort": "aborted", "remove": "removed", "delete": "deleted", "notify": "notified", "flush": "flushing", "sync": "syncing",
}

// firstWord is the first word of a name in mixed caps, in lower case.
func firstWord(name string) string {
	name = syntax.LowerFirst(strings.TrimLeft(name, "_"))
	if i := strings.IndexFunc(name, unicode.IsUpper); i > 0 {
		name = name[:i]
	}
	return name
}

// plural returns the plural of an English noun.
func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "s"), strings.HasSuffix(name, "x"), strings.HasSuffix(name, "ch"), strings.HasSuffix(name, "sh"):
		return name + "es"
	case strings.HasSuffix(name, "y") && len(name) > 1 && !strings.ContainsRune("aeiou", rune(name[len(name)-2])):
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

// deedName is a name for the variable that says whether, or how, an action is to be carried
// out: the name of the called function, with the type of its receiver if that name is
// taken.
func (c *collection) deedName(a *action) string {
	name := "send"
	if a.call != nil {
		name = "call"
		if id := syntax.IdentOf(a.call.Fun); id != nil {
			name = syntax.LowerFirst(strings.TrimLeft(id.Name, "_"))
		}
	}
	if !c.freshIs(name) && len(a.targets) == 1 {
		if n := typeName(c.Info.TypeOf(a.targets[0])); n != "" {
			name += strings.ToUpper(n[:1]) + n[1:]
		}
	}
	return c.FreshName(name)
}

// freshIs reports whether a name is free.
func (c *collection) freshIs(name string) bool {
	got := c.FreshName(name)
	delete(c.Names, got)
	return got == name
}

// typeName is the name of a type, or of what a pointer points to.
func typeName(t types.Type) string {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}
