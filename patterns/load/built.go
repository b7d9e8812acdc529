package load

import (
	"errors"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// BuiltCommand is the first argument of the program that [Config.Tool] names when the
// go command runs it in place of a compiler.
const BuiltCommand = "toolexec-built"

// RefuseTool stands in for a tool of the go command; args are the tool's name and
// arguments. It lets the tool print its version, from which the go command derives the
// names of cached results, and otherwise refuses to run it. So nothing is built that is
// not in the cache.
func RefuseTool(args []string) (status int) {
	if len(args) == 0 || !slices.Contains(args, "-V=full") && !slices.Contains(args, "-###") {
		fmt.Fprintln(os.Stderr, "letgo has nothing compiled")
		return 1
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// built has the files with export data that the go command has in its cache, by import
// path, of the packages that nobody works on here.
type built struct {
	files map[string]string
	whole map[string]bool // memo of closed
}

// askBuilt asks the go command what it has built of the packages outside the main modules.
// It begins with one that needs many others: if that is not built, little is.
func (l *Listing) askBuilt() *built {
	b := &built{files: make(map[string]string), whole: make(map[string]bool)}
	tool := l.g.tool
	if tool == "" {
		return b
	}
	var all, modules []string
	for path, p := range l.listed {
		if p.local || path == "unsafe" || path == "C" {
			continue
		}
		all = append(all, path)
		if p.foreign {
			modules = append(modules, path)
		}
	}
	if len(all) == 0 {
		return b
	}
	slices.Sort(all)
	probe := slices.MaxFunc(append(modules, all[0]), func(p, q string) int { return len(l.listed[p].uses) - len(l.listed[q].uses) })
	flags := []string{"-e", "-export", "-toolexec=" + quoted(tool) + " " + BuiltCommand}
	for _, paths := range [][]string{{probe}, all} {
		records, ok := l.ask("{{.ImportPath}}\x02{{.Export}}", flags, paths)
		if !ok {
			return b
		}
		for _, f := range records {
			if f[1] != "" {
				b.files[f[0]] = f[1]
			}
		}
		if len(b.files) == 0 {
			return b
		}
	}
	return b
}

// quoted quotes the name of a program as the go command reads it.
func quoted(name string) string {
	if strings.ContainsAny(name, " \t") {
		return "'" + name + "'"
	}
	return name
}

// closed reports whether a package is built, with all that it depends on: what is read
// from the export data of one package must not be read from the source of another.
func (b *built) closed(l *Listing, path string) bool {
	if path == "unsafe" {
		return true
	}
	if whole, ok := b.whole[path]; ok {
		return whole
	}
	p := l.listed[path]
	b.whole[path] = false
	whole := p != nil && b.files[path] != "" && !slices.ContainsFunc(p.uses, func(path string) bool { return !b.closed(l, path) })
	b.whole[path] = whole
	return whole
}

// builtTypes returns the types of a package from what the go command has built. The
// caller holds im.mu.
func (im *unitImporter) builtTypes(p *listed) (q *types.Package, ok bool) {
	l := im.listing
	if p.local {
		return nil, false
	}
	if l.built == nil {
		l.built = l.askBuilt()
	}
	if !l.built.closed(l, p.ImportPath) {
		return nil, false
	}
	q, err := im.readExport(l.built.files[p.ImportPath], p.Path())
	if err != nil {
		return nil, false
	}
	if l.memory != nil {
		l.memory.Put(p.typesSum(), []byte(builtMark+l.built.files[p.ImportPath]))
	}
	return q, true
}

// builtMark begins what is remembered of the types of a package if that is only where
// the go command has them.
const builtMark = "built\x02"
