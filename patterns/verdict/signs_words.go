package verdict

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/locks"
	"github.com/letgo-dev/letgo/patterns/values"
	"github.com/letgo-dev/letgo/patterns/waits"
)

// purposeWords stood in comments on real locks that are held on purpose.
var purposeWords = phrases(
	"serialize", "serialise", "serialization", "serialisation", "sequence", "in order", "ordering", "held while", "hold the lock", "holding the lock",
	"concurrent write", "concurrent call", "at most one", "one at a time", "to avoid closing",
	"mutually exclusive", "exclusively", "must not be called concurrently", "simultaneous", "synchroni",
	"before any", "at the same time", "must not run",
)

// heldWords stood in comments inside of such sections.
var heldWords = phrases(
	"while holding", "under the lock", "under lock", "guaranteed to return", "contention", "lock is held", "holds the lock", "hold the lock",
	"holding the lock", "thread-safe", "thread safe", "threadsafe", " race",
)

// phrases compiles the words where they are first needed. For "the lock" comments also say a mutex,
// or the container lock.
func phrases(words ...string) func() []*regexp.Regexp {
	return sync.OnceValue(func() []*regexp.Regexp {
		var out []*regexp.Regexp
		for _, w := range words {
			out = append(out, regexp.MustCompile(strings.Replace(regexp.QuoteMeta(w), "the lock", `(?:the|a|this)(?: [\w.'-]+)? (?:lock|mutex)`, 1)))
		}
		return out
	})
}

// lifecycleNames begin the names of functions that run once in an object's life, that make
// it, or that load, save or replace it as a whole.
var lifecycleNames = []string{
	"close", "stop", "shutdown", "destroy", "teardown", "init", "start", "restore", "new",
	"disable", "enable", "open", "setup", "reset", "reload", "reconfigure", "prepare", "run", "serve", "terminate", "kill", "quit", "finish",
	"drain", "unload", "cleanup", "clean", "rotate", "connect", "reconnect", "make", "load", "flush", "sync", "save", "commit", "refresh",
	"bootstrap", "restart",
}

// wordSigns weighs comments and names. None decides alone.
func (j *judging) wordSigns() {
	j.commentSign()
	// Who only reads what is guarded starts or ends nothing that the lock is for.
	if d := patterns.TopOf(j.s.Unit).Decl; d != nil && j.s.Mode != patterns.Shared && !j.servesRequest() && !isResult(j.s.Unit) {
		for _, w := range lifecycleNames {
			if beginsWith(d.Name.Name, w) {
				j.see("lifecycle", d.Name.Pos(), "by its name, %s starts, ends, loads or replaces something", d.Name.Name)
				break
			}
		}
	}
}

// servesRequest reports whether the section's function has the signature of an
// http.HandlerFunc: it runs once for each request, whatever its name begins with.
func (j *judging) servesRequest() bool {
	params := j.s.Unit.Signature().Params()
	return params.Len() == 2 && waits.IsResponse(params.At(0).Type()) && types.TypeString(params.At(1).Type(), nil) == "*net/http.Request"
}

// isResult reports whether a unit is in a function literal that the function around it
// returns: it has a life of its own, and the name is that of the function which makes it.
func isResult(u *patterns.Unit) bool {
	for ; u.Outer != nil; u = u.Outer {
		if u.Lit == nil {
			continue
		}
		found := false
		values.EachReturned(u.Outer, 0, func(e ast.Expr) { found = found || ast.Unparen(e) == ast.Expr(u.Lit) })
		if found {
			return true
		}
	}
	return false
}

// beginsWith reports whether a name in mixed case begins with the words, and
// the last of them ends there.
func beginsWith(name, words string) bool {
	if len(name) < len(words) || !strings.EqualFold(name[:len(words)], words) {
		return false
	}
	return len(name) == len(words) || !unicode.IsLower(rune(name[len(words)]))
}

func (j *judging) commentSign() {
	at := commentsAt(j.s)
	if !j.commentSays(at, purposeWords()) {
		j.commentSays(append(at, j.commentsInside()...), heldWords())
	}
}

// commentSays weighs comments that have one of the words, and reports whether there is one.
func (j *judging) commentSays(groups []*ast.CommentGroup, words []*regexp.Regexp) bool {
	for _, g := range groups {
		text := strings.ToLower(strings.Join(strings.Fields(g.Text()), " "))
		for _, w := range words {
			if part := w.FindString(text); part != "" {
				j.see("comment", g.Pos(), "a comment says %q", strings.TrimSpace(wholeWords(text, part)))
				return true
			}
		}
	}
	return false
}

// commentsInside returns the comments between the lock and the main wait, and behind that.
func (j *judging) commentsInside() []*ast.CommentGroup {
	lineAt := func(pos token.Pos) int { return j.s.Unit.Pkg.Fset.PositionFor(pos, false).Line }
	from, to := lineAt(j.s.Pos()), lineAt(j.main.Pos())
	return slices.DeleteFunc(slices.Clone(j.s.Unit.File.Syntax.Comments), func(g *ast.CommentGroup) bool {
		return lineAt(g.Pos()) < from || lineAt(g.Pos()) > to
	})
}

// wholeWords is a part of a text with the words that it cuts in two.
func wholeWords(text, part string) string {
	start := strings.Index(text, part)
	end := start + len(part)
	inWord := func(i int) bool {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return unicode.IsLetter(r)
	}
	for start > 0 && inWord(start) && inWord(start-1) {
		start--
	}
	for end < len(text) && inWord(end) && inWord(end-1) {
		end++
	}
	return text[start:end]
}

// commentsAt returns the comments on the mutex, its type, the function of the
// section, and the statement that takes the lock.
func commentsAt(s *locks.Section) []*ast.CommentGroup {
	var out []*ast.CommentGroup
	add := func(groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if g != nil {
				out = append(out, g)
			}
		}
	}
	if decl := declAt(s.Unit.Pkg, s.LockVar()); decl != nil {
		pos := s.LockVar().Pos()
		ast.Inspect(decl, func(n ast.Node) bool {
			if n == nil || pos < n.Pos() || n.End() <= pos {
				return false
			}
			switch n := n.(type) {
			case *ast.Field:
				add(n.Doc, n.Comment)
			case *ast.ValueSpec:
				add(n.Doc, n.Comment)
			case *ast.TypeSpec:
				add(n.Doc)
			case *ast.GenDecl:
				add(n.Doc)
			case *ast.FuncDecl:
				return false
			}
			return true
		})
	}
	if s.Unit.Decl != nil {
		add(s.Unit.Decl.Doc)
	}
	comments := s.Unit.File.Syntax.Comments // by position, and so are the lines of the file itself
	lineAt := func(pos token.Pos) int { return s.Unit.Pkg.Fset.PositionFor(pos, false).Line }
	endLine := func(g *ast.CommentGroup) int { return lineAt(g.End()) }
	line := lineAt(s.Pos())
	first, _ := slices.BinarySearchFunc(comments, line-1, func(g *ast.CommentGroup, line int) int { return cmp.Compare(endLine(g), line) })
	for _, g := range comments[first:] {
		if endLine(g) > line {
			break
		}
		add(g)
	}
	return out
}

// declAt returns the declaration of the package that a variable's declaration is
// or stands in, or nil.
func declAt(p *patterns.Package, v *types.Var) ast.Decl {
	if v == nil {
		return nil
	}
	f := p.FileOf(v.Pos())
	if f == nil {
		return nil
	}
	decls := f.Syntax.Decls // by position
	i := sort.Search(len(decls), func(i int) bool { return v.Pos() < decls[i].End() })
	if i == len(decls) {
		return nil
	}
	return decls[i]
}
