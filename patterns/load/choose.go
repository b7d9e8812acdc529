package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/letgo-dev/letgo/patterns"
)

// choose returns the packages to keep, and a problem for each package that is left
// out or analyzed only in part.
func (l *loader) choose(roots []*packages.Package) (kept []*packages.Package, problems []Problem) {
	variants := make(map[string]*packages.Package) // "p [p.test]" by the ID of p
	for _, p := range roots {
		if p.ForTest == p.PkgPath && p.ForTest != "" {
			variants[p.ForTest] = p
		}
	}
	for _, p := range roots {
		if isTestMain(p, roots) || variants[p.ForTest] == p {
			continue
		}
		problem, bad := l.problem(p)
		if v := variants[p.ID]; v != nil {
			vproblem, vbad := l.problem(v)
			switch {
			case !vbad || bad && l.isPartial(v):
				p, problem, bad = v, vproblem, vbad // even if p needs declarations in a test file
			case !bad:
				problems = append(problems, vproblem)
			}
		}
		if bad && l.isPartial(p) {
			bad = false
			problems = append(problems, l.inPart(p, problem))
		}
		switch {
		case bad:
			problems = append(problems, problem)
		case len(p.Syntax) > 0: // not "unsafe", nor a package with only test files
			kept = append(kept, p)
		}
	}
	return kept, problems
}

// isPartial reports whether a package can be analyzed despite its errors: it lacks
// direct or indirect imports or files to embed, or has errors in function bodies, for
// example because a file has not been generated yet. Its declarations must be correct.
func (l *loader) isPartial(p *packages.Package) bool {
	if len(p.Syntax) == 0 || p.Types == nil || !l.lacking[p] && len(p.TypeErrors) == 0 && !lacksEmbedded(p) {
		return false
	}
	for _, e := range p.Errors {
		if e.Kind == packages.ParseError || isListError(e) && !isEmbedError(e) {
			return false
		}
	}
	for _, e := range p.TypeErrors {
		if !isImportError(e) && !inBody(p.Syntax, e.Pos) {
			return false
		}
	}
	return damaged(p, func(e types.Error) bool { return e.Soft || isImportError(e) }) == nil
}

// isListError reports whether an error is from the go command itself, and not a
// compiler error that it passes on.
func isListError(e packages.Error) bool {
	return e.Kind == packages.ListError && !strings.HasPrefix(e.Msg, "# ") && !strings.HasPrefix(e.Msg, "\t")
}

func isEmbedError(e packages.Error) bool {
	return strings.HasPrefix(e.Msg, "pattern ") && (strings.Contains(e.Msg, "no matching files found") || strings.Contains(e.Msg, "cannot embed"))
}

func lacksEmbedded(p *packages.Package) bool { return slices.ContainsFunc(p.Errors, isEmbedError) }

// importError is an example of an error that says that a package is missing.
var importError = types.Error{Msg: "could not import p (it is missing)"}

// isImportError reports whether a type error only says that a package is missing. The
// type checker then reports no other errors about that package.
func isImportError(e types.Error) bool { return patterns.MissingImport(e) != "" }

// inPart returns a short problem for a package that is analyzed in part. of is the
// package's full problem.
func (l *loader) inPart(p *packages.Package, of Problem) Problem {
	of.Reason, of.Hint = withoutTypes, ""
	missing := missingImports(p)
	switch {
	case len(missing) > 0:
		of.More = len(missing) - 1
	case l.lacking[p]:
		of.Pos, of.Msg, of.More = "", "one of its imports lacks packages", 0
	case len(p.TypeErrors) > 0:
	default:
		of.Reason = "analysed without a file that it embeds"
	}
	of.Msg = inShort(of.Msg)
	return of
}

const withoutTypes = "analysed without all types"

// inShort shortens an error message for a package that is analyzed in part.
func inShort(msg string) string {
	msg, _, _ = strings.Cut(msg, "; ")
	if runes := []rune(msg); len(runes) > maxMessage {
		msg = string(runes[:maxMessage]) + "..."
	}
	return msg
}

// missingImports returns the paths of missing packages that p imports.
func missingImports(p *packages.Package) []string {
	var paths []string
	for _, e := range p.TypeErrors {
		if path := patterns.MissingImport(e); path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// maxMessage is the maximum length of a message that [inShort] returns.
const maxMessage = 160

// isTestMain reports whether p is a generated test main package.
func isTestMain(p *packages.Package, roots []*packages.Package) bool {
	tested, ok := strings.CutSuffix(p.ID, ".test")
	return ok && p.Name == "main" && slices.ContainsFunc(roots, func(q *packages.Package) bool {
		return q.ForTest == tested
	})
}

// problem returns why p can't be used. It returns false if it can.
func (l *loader) problem(p *packages.Package) (Problem, bool) {
	pr := Problem{Package: p.ID, Hint: l.hint(p)}
	if errs, reason := firstErrors(p); len(errs) > 0 {
		pr.Reason = reason
		pr.Pos = l.position(errs[0].Pos)
		pr.Msg = l.message(p, errs[0])
		pr.More = len(errs) - 1
		switch {
		case strings.HasPrefix(pr.Msg, "build constraints exclude all Go files"):
			pr.Hint = "give the tags that it needs, or leave it out"
		case strings.HasPrefix(pr.Msg, "no Go files in"):
			pr.Hint = "name a directory that has some"
		}
		return pr, true
	}
	if bad := damaged(p, func(e types.Error) bool { return e.Soft }); bad != nil {
		pr.Reason = "skipped, it imports " + bad.ID + ", which has errors outside function bodies"
		return pr, true
	}
	return pr, false
}

// hint returns how to see all errors of p.
func (l *loader) hint(p *packages.Package) string {
	what := p.PkgPath
	switch {
	case isCommandLine(p):
		what = strings.Join(l.args, " ")
	case p.ForTest != "":
		what = p.ForTest
	}
	return "run go vet " + what + " to see all errors"
}

// firstErrors returns the errors of the kind that best explains why a package can't
// be used, and a description of that kind. The first error is the one to show.
func firstErrors(p *packages.Package) (errs []packages.Error, reason string) {
	var parse, list, check, compile, other []packages.Error
	for _, e := range p.Errors {
		switch {
		case strings.HasPrefix(e.Msg, "\t"): // continues the previous error
		case e.Kind == packages.ParseError:
			parse = append(parse, e)
		case e.Kind == packages.ListError && strings.HasPrefix(e.Msg, "# "):
			compile = append(compile, compilerErrors(e.Msg)...)
		case e.Kind == packages.ListError:
			list = append(list, e)
		case e.Kind == packages.TypeError:
			check = append(check, e)
		default:
			other = append(other, e)
		}
	}
	switch {
	case len(parse) > 0:
		return parse, "skipped, it does not parse"
	case len(list) > 0:
		return list, "skipped, the go command cannot load it"
	case slices.ContainsFunc(check, func(e packages.Error) bool { return strings.HasPrefix(e.Msg, "could not import C ") }):
		if len(compile) == 0 {
			compile = append(compile, packages.Error{Msg: "is there a C compiler in PATH?"})
		}
		return compile[:1], "skipped, the cgo command failed"
	case len(check) > 0:
		return check, "skipped, it does not type-check"
	case len(compile) > 0:
		return compile, "skipped, it does not compile"
	}
	return other, "skipped, it cannot be loaded"
}

// compilerErrors returns the errors in the output of the compiler or the cgo command:
// each line with a position, or if there is none, the whole output as one error.
func compilerErrors(output string) []packages.Error {
	var errs []packages.Error
	for line := range strings.Lines(output) {
		pos, msg, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && strings.Contains(pos, ":") {
			errs = append(errs, packages.Error{
				Pos:  filepath.Clean(pos),
				Msg:  strings.TrimPrefix(msg, "error: "),
				Kind: packages.ListError,
			})
		}
	}
	if len(errs) == 0 {
		_, msg, _ := strings.Cut(output, "\n") // skip the line with the package name
		errs = append(errs, packages.Error{Msg: msg, Kind: packages.ListError})
	}
	return errs
}

// message returns the text of an error of p on one line. For an import that can't be
// resolved it uses the go command's message, since the type checker knows only the
// path.
func (l *loader) message(p *packages.Package, e packages.Error) string {
	msg := e.Msg
	if rest, ok := strings.CutPrefix(msg, "could not import "); ok {
		path, _, _ := strings.Cut(rest, " ")
		if imp := p.Imports[path]; imp != nil {
			if errs, _ := firstErrors(imp); len(errs) > 0 {
				msg = "cannot import " + path + ": " + errs[0].Msg
			}
		}
	}
	return shorten(l.dir, oneLine(msg))
}

// position converts a position from go/packages. It makes the file name relative if it
// is below the directory of the load.
func (l *loader) position(pos string) string {
	if pos == "-" {
		return ""
	}
	if filepath.IsAbs(pos) && within(l.dir, pos) {
		if rel, err := filepath.Rel(l.dir, pos); err == nil {
			return rel
		}
	}
	return pos
}

// damaged returns a dependency of p that has an error outside function bodies, or nil.
// What p sees of such a dependency is unreliable. Errors that are harmless don't count.
func damaged(p *packages.Package, harmless func(types.Error) bool) *packages.Package {
	seen := make(map[*packages.Package]bool)
	var visit func(p *packages.Package) *packages.Package
	visit = func(p *packages.Package) *packages.Package {
		for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
			imp := p.Imports[path]
			if !imp.IllTyped || seen[imp] || len(imp.GoFiles) == 0 && harmless(importError) {
				continue
			}
			seen[imp] = true
			if !soundDecls(imp, harmless) {
				return imp
			}
			if bad := visit(imp); bad != nil {
				return bad
			}
		}
		return nil
	}
	return visit(p)
}

// soundDecls reports whether the declarations of p have correct types despite its
// errors.
func soundDecls(p *packages.Package, harmless func(types.Error) bool) bool {
	for _, e := range p.Errors {
		switch {
		case e.Kind == packages.ParseError:
			return false
		case e.Kind == packages.ListError && !strings.HasPrefix(e.Msg, "# ") && !isEmbedError(e):
			return false
		}
	}
	return !slices.ContainsFunc(p.TypeErrors, func(e types.Error) bool {
		return !harmless(e) && !inBody(p.Syntax, e.Pos)
	})
}

// inBody reports whether pos is in the body of a function declared in one of the files.
func inBody(files []*ast.File, pos token.Pos) bool {
	for _, f := range files {
		if pos < f.FileStart || f.FileEnd < pos {
			continue
		}
		return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
			fn, ok := d.(*ast.FuncDecl)
			return ok && fn.Body != nil && fn.Body.Pos() <= pos && pos < fn.Body.End()
		})
	}
	return false
}
