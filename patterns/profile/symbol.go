package profile

import (
	"net/url"
	"strings"
)

// A symbol is the linker symbol of a function, split into its parts.
type symbol struct {
	pkg  string // import path; "main" for every command
	name string // of the declared function: "Get", "(*Store).Get", "Store.Get"
	lits string // the literal in it: "func1", "func1.2"; "" for the function itself
}

// parseSymbol splits a symbol. In "a.b", b may be a method of type a or a literal in function a;
// [isLiteral] guesses by its form.
func parseSymbol(full string) symbol {
	full = withoutTypeArguments(full)
	slash := strings.LastIndexByte(full, '/') + 1
	dot := strings.IndexByte(full[slash:], '.')
	if dot < 0 {
		return symbol{name: full}
	}
	s := symbol{pkg: unescape(full[:slash+dot])}
	rest := full[slash+dot+1:]
	rest, _, _ = strings.Cut(rest, "-") // "-fm": method value wrapper; "-range1": loop body
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
			n = 2 // a method with a value receiver
		}
		s.name, s.lits = strings.Join(parts[:n], "."), strings.Join(parts[n:], ".")
	}
	s.name = receiver + s.name
	return s
}

// isLiteral reports whether a part of a symbol stands for a function literal, the wrapper of a go
// or defer statement, or the number of an init function.
func isLiteral(part string) bool {
	letters := strings.TrimRight(part, "0123456789")
	switch letters {
	case "", "func", "gowrap", "deferwrap":
		return true
	}
	return false
}

// base returns the last part of the name: "Get" for "(*Store).Get".
func (s symbol) base() string { return s.name[strings.LastIndexByte(s.name, '.')+1:] }

// isWrapper reports whether the function is a compiler-generated wrapper for a go or defer
// statement.
func (s symbol) isWrapper() bool {
	last := s.lits[strings.LastIndexByte(s.lits, '.')+1:]
	return strings.HasPrefix(last, "deferwrap") || strings.HasPrefix(last, "gowrap")
}

// withoutTypeArguments removes type arguments such as "[go.shape.int]" from a symbol.
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

// unescape reverses the linker's escaping of import paths: dots in the last element, and non-ASCII
// characters.
func unescape(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// tableName returns the symbol as spelled in the table of blocking functions:
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
