package programs

import "strings"

// A typ is one of the Go types that programs use.
type typ string

const (
	intT   typ = "int"
	strT   typ = "string"
	boolT  typ = "bool"
	errT   typ = "error"
	intsT  typ = "[]int"
	strsT  typ = "[]string"
	mapT   typ = "map[string]int"
	itemT  typ = "*item" // a pointer to the program's own struct
	anyT   typ = "any"
	hookT  typ = "func(int)"
	hooksT typ = "[]func(int)"
	chanT  typ = "chan int"
	connT  typ = "*world.Conn"
	ctxT   typ = "context.Context"
)

// A local is a local variable, parameter or named result.
type local struct {
	name  string
	typ   typ
	used  bool
	fixed bool // a parameter or result, which may be unused
	under bool // it may share storage with guarded state, so use it only under the lock
}

// A block is a list of statements and the variables it declares.
type block struct {
	stmts  []stmt
	locals []*local

	loop    bool   // it is the body of a loop
	label   string // of that loop, or ""
	release string // what must run before a return at the start of the loop
	clause  bool   // it is the body of a case clause
	lit     bool   // it is the body of a function literal
}

// A stmt is one statement, made of parts.
type stmt []part

// A part is a string, *block, *lhs or *rangeVars.
type part any

// An lhs is the left side of an assignment or definition. Unused variables are
// printed as blanks.
type lhs struct {
	vars []*local // nil for a blank
	new  []bool
}

// String returns the left side and its operator.
func (l *lhs) String() string {
	names := make([]string, len(l.vars))
	define := false
	for i, v := range l.vars {
		switch {
		case v == nil || !v.used && !v.fixed:
			names[i] = "_"
		default:
			names[i] = v.name
			define = define || l.new[i]
		}
	}
	if define {
		return strings.Join(names, ", ") + " := "
	}
	return strings.Join(names, ", ") + " = "
}

// write prints the statements of the block, one per line.
func (b *block) write(w *strings.Builder) {
	for _, s := range b.stmts {
		s.write(w)
		w.WriteByte('\n')
	}
}

func (s stmt) write(w *strings.Builder) {
	for _, p := range s {
		switch p := p.(type) {
		case string:
			w.WriteString(p)
		case *lhs:
			w.WriteString(p.String())
		case *rangeVars:
			w.WriteString(p.String())
		case *block:
			w.WriteString("{\n")
			p.write(w)
			w.WriteByte('}')
		}
	}
}

// rangeVars are the variables of a range clause.
type rangeVars struct{ key, value *local }

func (r *rangeVars) String() string {
	key, value := r.key != nil && r.key.used, r.value != nil && r.value.used
	switch {
	case key && value:
		return r.key.name + ", " + r.value.name + " := "
	case key:
		return r.key.name + " := "
	case value:
		return "_, " + r.value.name + " := "
	}
	return ""
}

func (b *block) add(parts ...part) { b.stmts = append(b.stmts, stmt(parts)) }

func (b *block) text() string {
	var w strings.Builder
	b.write(&w)
	return w.String()
}
