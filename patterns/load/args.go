package load

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// checkArg returns an error if an argument names a file or directory that does not
// exist. The go command would treat the name of a missing file as an import path.
func (l *loader) checkArg(arg string) error {
	what := "directory"
	name, _, _ := strings.Cut(arg, "...")
	switch {
	case strings.HasSuffix(arg, ".go"):
		what = "file"
	case !isLocal(arg):
		return nil
	case name != arg: // the directory before the dots must exist
		name = name[:strings.LastIndexAny(name, `/\`)+1]
	}
	name = l.abs(name)
	if _, err := os.Stat(name); err == nil {
		return nil
	}
	for unsaved := range l.src.overlay {
		if within(name, unsaved) {
			return nil
		}
	}
	return errorf(BadPattern, "%s: no such %s", shorten(l.dir, arg), what)
}

// checkRoots returns an error if an argument names nothing that can be loaded, or if
// nothing matched at all.
func (l *loader) checkRoots(roots []*packages.Package) error {
	if len(roots) == 0 {
		return l.nothing()
	}
	for _, p := range roots {
		if p.Dir != "" || len(p.CompiledGoFiles) > 0 || len(p.Errors) == 0 {
			continue
		}
		// A package without a directory is either an argument or an import found
		// while expanding "all".
		arg := p.ID
		if arg == commandLine {
			arg = strings.Join(l.args, " ")
		} else if !slices.Contains(l.args, arg) && !isLocal(arg) {
			continue
		}
		return l.badArg(arg, p.Errors[0].Msg)
	}
	return nil
}

// badArg returns the error for an argument that the go command rejects with the given
// message. The go command has no error codes, so badArg looks for known phrases. Other
// messages are passed on unchanged.
func (l *loader) badArg(arg, msg string) *Error {
	says := func(phrases ...string) bool {
		return slices.ContainsFunc(phrases, func(s string) bool { return strings.Contains(msg, s) })
	}
	name := arg
	if filepath.IsAbs(arg) {
		name = shorten(l.dir, arg)
	}
	switch {
	case !l.hasModule() && isLocal(arg):
		return l.noModule()
	case says("outside main module", "does not contain main module", "outside available modules", "outside module root"),
		isLocal(arg) && says("does not contain package"): // a nested module
		return errorf(OutsideModule, "%s is outside the main module and its dependencies; "+
			"change to the directory of its module, or make a go.work file that lists both modules", name)
	case says("does not contain modules listed in go.work", "workspace modules listed in go.work"):
		return errorf(OutsideModule, "%s is outside the modules of the workspace %s; "+
			"name directories of these modules, or work for all of them; go work use adds another module",
			name, shorten(l.dir, l.vars.GOWORK))
	}
	return errorf(BadPattern, "%s: %s", name, shorten(l.dir, oneLine(msg)))
}

func (l *loader) noModule() *Error {
	return errorf(NoModule, "%s is not in a module; change to the directory of one, or run go mod init to make one", l.dir)
}

// nothing returns the error for a load without any result. In that case go/packages
// gives no message, so it has to run the go command again to get one.
func (l *loader) nothing() *Error {
	if !l.hasModule() && (len(l.args) == 0 || slices.ContainsFunc(l.args, isLocal)) {
		return l.noModule()
	}
	args := []string{"list", "-find"}
	if l.cfg.Tags != "" {
		args = append(args, "-tags="+l.cfg.Tags)
	}
	if _, err := l.run(append(append(args, "--"), l.args...)...); err != nil {
		return err.(*Error)
	}
	return errorf(NoPackages, "no packages match %s; check the pattern, and whether build constraints leave any file",
		strings.Join(l.args, " "))
}

// noPackages returns the error for a load that matched only packages without files. It
// returns nil if a package has files, and so was left out because of errors.
func (l *loader) noPackages(roots []*packages.Package, problems []Problem) error {
	for _, p := range roots {
		if len(p.CompiledGoFiles) > 0 {
			return nil
		}
	}
	if len(problems) > 0 {
		p := problems[0]
		return errorf(NoPackages, "%s: %s; %s", shorten(l.dir, p.Package), cmp.Or(p.Msg, p.Reason), p.Hint)
	}
	return errorf(NoPackages, "no Go code in %s apart from tests; include the tests, or name other packages",
		cmp.Or(strings.Join(l.args, " "), "."))
}

// unmatched returns a problem for each pattern that matched no root.
func (l *loader) unmatched(roots []*packages.Package) []Problem {
	var problems []Problem
	for _, arg := range l.args {
		if !strings.Contains(arg, "...") {
			continue // if it named nothing, checkRoots reported it
		}
		name := func(p *packages.Package) string { return p.PkgPath }
		pattern := arg
		if isLocal(arg) {
			name = func(p *packages.Package) string { return filepath.ToSlash(p.Dir) }
			pattern = filepath.ToSlash(l.abs(arg))
		}
		if !slices.ContainsFunc(roots, func(p *packages.Package) bool { return matches(pattern, name(p)) }) {
			problems = append(problems, Problem{
				Package: arg,
				Reason:  "the pattern matched no packages",
				Hint:    "check it, and whether build constraints leave any file",
			})
		}
	}
	return problems
}

// isLocal reports whether arg names a directory rather than an import path.
func isLocal(arg string) bool {
	slashed := filepath.ToSlash(arg)
	return slashed == "." || slashed == ".." ||
		strings.HasPrefix(slashed, "./") || strings.HasPrefix(slashed, "../") || filepath.IsAbs(arg)
}

// matches reports whether name matches a package pattern as in the go command: "..."
// matches any text, and "/..." at the end also matches the empty string.
func matches(pattern, name string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok && matches(base, name) {
		return true
	}
	head, tail, wild := strings.Cut(pattern, "...")
	name, ok := strings.CutPrefix(name, head)
	if !ok || !wild {
		return ok && name == ""
	}
	for i := 0; i <= len(name); i++ {
		if matches(tail, name[i:]) {
			return true
		}
	}
	return false
}
