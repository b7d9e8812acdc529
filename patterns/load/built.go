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

// BuiltCommand is the first argument that [Config.Tool] gets when the go command runs it
// in place of a compiler.
const BuiltCommand = "toolexec-built"

// RefuseTool acts as a -toolexec program. args are the tool's name and arguments. It lets
// the tool print its version, which the go command needs to look up cached results, and
// otherwise refuses to run it. So the go command uses its cache but builds nothing.
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

// built has the export data files in the go command's cache, by import path, for packages
// outside the main modules.
type built struct {
	files map[string]string
	whole map[string]bool // results of closed
}

// askBuilt asks the go command which packages outside the main modules it has built. It
// first asks about one with many imports: if that is not built, few others are.
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

// quoted quotes the name of a program for a go command flag.
func quoted(name string) string {
	if strings.ContainsAny(name, " \t") {
		return "'" + name + "'"
	}
	return name
}

// closed reports whether a package and all its dependencies are built. Otherwise a
// dependency could be loaded twice, from export data and from source.
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

// builtTypes returns the types of a package from the go command's build cache. The caller
// holds im.mu.
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

// builtMark is the prefix of a memory entry that has the name of an export data file
// instead of the types themselves.
const builtMark = "built\x02"
