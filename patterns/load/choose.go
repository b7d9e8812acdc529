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

// choose returns the packages to keep, and a problem for each of the others
// that somebody may miss.
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
				p, problem, bad = v, vproblem, vbad // even if p needs what a test file declares
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
		case len(p.Syntax) > 0: // not if it is unsafe or has nothing but test files
			kept = append(kept, p)
		}
	}
	return kept, problems
}

// isPartial reports whether a package can be analysed although something is wrong with
// it: packages are missing that it imports, or that what it imports does, or files to
// embed, or there are errors in the bodies of functions, as where a file has yet to be
// generated. What it declares must be right.
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

// isListError reports whether an error is the go command's own, and none of the
// compiler's that it passes on.
func isListError(e packages.Error) bool {
	return e.Kind == packages.ListError && !strings.HasPrefix(e.Msg, "# ") && !strings.HasPrefix(e.Msg, "\t")
}

func isEmbedError(e packages.Error) bool {
	return strings.HasPrefix(e.Msg, "pattern ") && (strings.Contains(e.Msg, "no matching files found") || strings.Contains(e.Msg, "cannot embed"))
}

func lacksEmbedded(p *packages.Package) bool { return slices.ContainsFunc(p.Errors, isEmbedError) }

// importError is an error that says that a package is missing.
var importError = types.Error{Msg: "could not import p (it is missing)"}

// isImportError reports whether all that a type error says is that a package is
// missing. Nothing else is said then of what that declares.
func isImportError(e types.Error) bool { return patterns.MissingImport(e) != "" }

// inPart says of a package that is analysed in part what is wrong with it, in short.
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

// inShort shortens an error of a package that is analysed all the same.
func inShort(msg string) string {
	msg, _, _ = strings.Cut(msg, "; ")
	if runes := []rune(msg); len(runes) > maxMessage {
		msg = string(runes[:maxMessage]) + "..."
	}
	return msg
}

// missingImports returns the paths of the packages that p imports and that cannot be
// had.
func missingImports(p *packages.Package) []string {
	var paths []string
	for _, e := range p.TypeErrors {
		if path := patterns.MissingImport(e); path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// maxMessage bounds what is said of a package that is analysed all the same.
const maxMessage = 160

// isTestMain reports whether p is a generated program that runs tests.
func isTestMain(p *packages.Package, roots []*packages.Package) bool {
	tested, ok := strings.CutSuffix(p.ID, ".test")
	return ok && p.Name == "main" && slices.ContainsFunc(roots, func(q *packages.Package) bool {
		return q.ForTest == tested
	})
}

// problem says why p cannot be used, if it cannot.
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

// hint tells how to see all errors of p.
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

// firstErrors returns the errors of the kind that explains best why a package
// cannot be used, and a word for that kind. The first one is the one to show.
func firstErrors(p *packages.Package) (errs []packages.Error, reason string) {
	var parse, list, check, compile, other []packages.Error
	for _, e := range p.Errors {
		switch {
		case strings.HasPrefix(e.Msg, "\t"): // more about the error before
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

// compilerErrors returns the errors in the output of the compiler or the cgo
// command: the lines with a position, or else all of them as one.
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
		_, msg, _ := strings.Cut(output, "\n") // after the package's name
		errs = append(errs, packages.Error{Msg: msg, Kind: packages.ListError})
	}
	return errs
}

// message returns the text of an error of p on one line. For an import that cannot be
// resolved the type checker knows only the path, so the text is the go command's.
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

// position makes a position of go/packages relative to the directory of the
// load if it lies in it.
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

// damaged returns a package below p that has an error other than in the body
// of a function, or nil: what p sees of it cannot be relied on. Some errors may be
// harmless.
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

// soundDecls reports whether all errors of p leave the types of its
// declarations as they are.
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

// inBody reports whether pos is in the body of a function that one of the files declares.
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
