package profile

import (
	"net/url"
	"strings"
)

// A symbol is the name that the linker knows a function by, in its parts.
type symbol struct {
	pkg  string // import path; "main" for every command
	name string // of the declared function: "Get", "(*Store).Get", "Store.Get"
	lits string // which literal in it: "func1", "func1.2", "" for the function itself
}

// parseSymbol takes a symbol apart. Whether "a.b" is a method of a type or a literal
// in a function the name alone does not say; see [symbol.split].
func parseSymbol(full string) symbol {
	full = withoutTypeArguments(full)
	slash := strings.LastIndexByte(full, '/') + 1
	dot := strings.IndexByte(full[slash:], '.')
	if dot < 0 {
		return symbol{name: full}
	}
	s := symbol{pkg: unescape(full[:slash+dot])}
	rest := full[slash+dot+1:]
	rest, _, _ = strings.Cut(rest, "-") // "-fm" is the wrapper of a method value, "-range1" the body of a loop
	receiver := ""
	if strings.HasPrefix(rest, "(") {
		if i := strings.Index(rest, ")."); i >= 0 {
			receiver, rest = rest[:i+2], rest[i+2:]
		}
	}
	s.name, s.lits = rest, ""
	if parts := strings.Split(rest, "."); len(parts) > 1 {
		n := 1
		if receiver == "" && !isLiteral(parts[1]) {
			n = 2 // a method with a value as its receiver
		}
		s.name, s.lits = strings.Join(parts[:n], "."), strings.Join(parts[n:], ".")
	}
	s.name = receiver + s.name
	return s
}

// isLiteral reports whether a part of a symbol stands for a function literal, for what
// the compiler makes of a go or defer statement, or for one of the functions init.
func isLiteral(part string) bool {
	letters := strings.TrimRight(part, "0123456789")
	switch letters {
	case "", "func", "gowrap", "deferwrap":
		return true
	}
	return false
}

// base returns the last name: "Get" of "(*Store).Get".
func (s symbol) base() string { return s.name[strings.LastIndexByte(s.name, '.')+1:] }

// isWrapper reports whether the compiler made the function, for a deferred call or a
// go statement.
func (s symbol) isWrapper() bool {
	last := s.lits[strings.LastIndexByte(s.lits, '.')+1:]
	return strings.HasPrefix(last, "deferwrap") || strings.HasPrefix(last, "gowrap")
}

// withoutTypeArguments takes "[go.shape.int]" and the like out of a symbol.
func withoutTypeArguments(s string) string {
	if !strings.Contains(s, "[") {
		return s
	}
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unescape gives an import path back what the linker cannot have in it: the dots of its
// last element, and what is not ASCII.
func unescape(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// tableName is the symbol as the table of blocking functions spells it:
// "(*example.com/shop.Store).Get".
func (s symbol) tableName() string {
	receiver, method, ok := strings.Cut(s.name, ").")
	if ok {
		return "(*" + s.pkg + "." + strings.TrimPrefix(receiver, "(*") + ")." + method
	}
	if typ, method, ok := strings.Cut(s.name, "."); ok {
		return "(" + s.pkg + "." + typ + ")." + method
	}
	return s.pkg + "." + s.name
}
