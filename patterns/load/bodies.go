package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
)

// parseDeclarations parses the declarations of a file and leaves function bodies empty.
// Removing the bodies before parsing saves a third of the time.
func parseDeclarations(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
	short, ok := withoutBodies(text)
	if ok {
		if f, err := parser.ParseFile(fset, name, short, parser.SkipObjectResolution); err == nil {
			return f, nil
		}
	}
	f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if f != nil {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				fn.Body.List = nil
			}
		}
	}
	return f, err
}

// withoutBodies returns a copy of text in which the bodies of declared functions are
// replaced with spaces, except for line ends. ok is false if brackets do not match.
func withoutBodies(text []byte) (short []byte, ok bool) {
	short = bytes.Clone(text)
	var (
		depth    int    // nesting of parentheses and square brackets
		function bool   // in a function declaration, before the body
		first    = true // only space precedes on the line
		last     string // the previous token if it is a word, or ""
	)
	for i := 0; i < len(text); {
		n := tokenLen(text[i:])
		tok := text[i : i+n]
		switch c := tok[0]; {
		case c == '\n':
			if depth == 0 {
				function = false
			}
			first = true
		case c == ' ' || c == '\t' || c == '\r' || bytes.HasPrefix(tok, []byte("//")) || bytes.HasPrefix(tok, []byte("/*")):
		case c == '{':
			end := closingBrace(text[i:])
			if end < 0 {
				return nil, false
			}
			if function && depth == 0 && last != "interface" && last != "struct" {
				blank(short[i+1 : i+end])
				function = false
			}
			n, first, last = end+1, false, ""
		default:
			switch c {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
			}
			word := isLetter(c)
			if word && first && depth == 0 && string(tok) == "func" {
				function = true
			}
			if first, last = false, ""; word {
				last = string(tok)
			}
		}
		i += n
	}
	return short, depth == 0
}

// closingBrace returns the index of the brace that closes the one at the start of text,
// or -1.
func closingBrace(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i += tokenLen(text[i:]) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// blank replaces everything except line ends with spaces.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' {
			text[i] = ' '
		}
	}
}

// tokenLen returns the length of the first token of text: a comment, a quoted literal, a
// word, or a single byte.
func tokenLen(text []byte) int {
	switch c := text[0]; {
	case c == '"' || c == '\'':
		for i := 1; i < len(text) && text[i] != '\n'; i++ {
			switch text[i] {
			case '\\':
				i++
			case c:
				return i + 1
			}
		}
		return 1
	case c == '`':
		return lenTo(text, 1, "`")
	case bytes.HasPrefix(text, []byte("/*")):
		return lenTo(text, 2, "*/")
	case bytes.HasPrefix(text, []byte("//")):
		if n := bytes.IndexByte(text, '\n'); n >= 0 {
			return n
		}
		return len(text)
	case isLetter(c):
		n := 1
		for n < len(text) && (isLetter(text[n]) || '0' <= text[n] && text[n] <= '9') {
			n++
		}
		return n
	}
	return 1
}

// lenTo returns the length of text up to and including the first end at or after from, or
// the length of text if there is none.
func lenTo(text []byte, from int, end string) int {
	if n := bytes.Index(text[from:], []byte(end)); n >= 0 {
		return from + n + len(end)
	}
	return len(text)
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}
