package load

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Kind says why a load failed.
type Kind string

const (
	NoGoCommand   Kind = "no go command"      // the go command is not in PATH
	BadDir        Kind = "bad directory"      // Config.Dir is not a directory
	BadPattern    Kind = "bad pattern"        // an argument names nothing that exists
	NoModule      Kind = "no module"          // there is no go.mod to resolve an argument with
	OutsideModule Kind = "outside the module" // an argument names a directory of another module
	NoPackages    Kind = "no packages"        // the arguments are right, but there is no Go code
	GoFailed      Kind = "the go command"     // the go command failed; Msg has its message
	BadOverlay    Kind = "bad overlay"        // an overlay could not be passed to the go command
	Cancelled     Kind = "cancelled"          // Config.Context was done
)

// An Error says why nothing was loaded. All errors of [Load] have this type.
type Error struct {
	Kind Kind
	Msg  string // one line: what went wrong, and what to do about it
	Err  error  // the cause, or nil
}

func (e *Error) Error() string { return "loading packages: " + e.Msg }

func (e *Error) Unwrap() error { return e.Err }

func errorf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
}

// A Problem describes a package that was left out or analyzed in part, or a pattern that
// matched nothing while others matched.
type Problem struct {
	Package string // the package's ID, or the pattern
	Pos     string // "file:line:col" of the first error, or ""
	Reason  string // what is wrong: "skipped, it does not parse", ...
	Msg     string // the first error, on one line; "" if Reason says it all
	More    int    // how many errors follow the first one
	Hint    string // what to do next
}

// String returns the problem as one line.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "loading %s: %s", p.Package, p.Reason)
	if p.Msg != "" {
		b.WriteString(": ")
		if p.Pos != "" {
			b.WriteString(p.Pos + ": ")
		}
		b.WriteString(p.Msg)
	}
	switch {
	case p.More == 1:
		b.WriteString(" (and 1 more error)")
	case p.More > 1:
		fmt.Fprintf(&b, " (and %d more errors)", p.More)
	}
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

func sortProblems(ps []Problem) {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Package, b.Package),
			strings.Compare(a.Pos, b.Pos),
			strings.Compare(a.Msg, b.Msg),
		)
	})
}

// oneLine joins the lines of a message from the go command or the type checker.
func oneLine(msg string) string {
	var b strings.Builder
	for line := range strings.Lines(msg) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		switch text := b.String(); {
		case text == "":
		case strings.HasSuffix(text, ":"), strings.HasSuffix(text, "."):
			b.WriteByte(' ')
		default:
			b.WriteString("; ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// shorten makes absolute paths below dir in a message relative to dir, and turns dir
// itself into a dot.
func shorten(dir, msg string) string {
	const (
		before = " \t\n\"'`([:="  // characters that may precede a path
		after  = " \t\n\"'`)]:;," // characters that may follow it
	)
	sep := string(filepath.Separator)
	var b strings.Builder
	rest := msg
	for {
		i := strings.Index(rest, dir)
		if i < 0 {
			return b.String() + rest
		}
		b.WriteString(rest[:i])
		whole := b.Len() == 0 || strings.ContainsRune(before, rune(b.String()[b.Len()-1]))
		rest = rest[i+len(dir):]
		switch below, ok := strings.CutPrefix(rest, sep); {
		case whole && ok:
			rest = below
		case whole && (rest == "" || strings.ContainsRune(after, rune(rest[0]))):
			b.WriteByte('.')
		default:
			b.WriteString(dir)
		}
	}
}
