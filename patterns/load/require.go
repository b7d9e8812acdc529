package load

import (
	"bytes"
	"errors"
	"go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/letgo-dev/letgo/internal/scratch"
	"github.com/letgo-dev/letgo/patterns"
)

// A release is a module version that rewritten code may import.
type release struct {
	module, version string
	goVersion       string // the go version in its go.mod
	sum, modSum     string // its hashes in go.sum
}

// releases lists the module versions that a rewrite may add, newest first: the one
// that this module is tested with, and the last one for each older version of Go. A
// module with "go 1.25" gets the release for 1.24, because 1.25 is older than 1.25.0
// and the go command would ask to raise it. Versions and checksums are hardcoded so
// that the result does not depend on the machine or on later releases.
var releases = []release{
	{
		"golang.org/x/sync", "v0.25.0", "1.26.0",
		"h1:dJnifr0nMV8/SBnBvdo4eSGGnrc3O4FFx6IqvtLcmRs=", "h1:sUUOizhqBxiL6pEWpqNLUiaJn1ShEbZ6BBqskPbjZm0=",
	},
	{
		"golang.org/x/sync", "v0.22.0", "1.25.0",
		"h1:SZjpbeLmrCk4xhRSZFNZW5gFUeCeFgjekvI/+gfScek=", "h1:9xrNwdLfx4jkKbNva9FpL6vEN7evnE43NNNJQ2LF3+0=",
	},
	{
		"golang.org/x/sync", "v0.19.0", "1.24.0",
		"h1:vV+1eWNmZ5geRlYjzm2adRgW2/mcpevXNg50YZtPCE4=", "h1:9KTHXmSnoGruLpwFjVSX0lNNA75CykiMECbovNTZqGI=",
	},
	{
		"golang.org/x/sync", "v0.16.0", "1.23.0",
		"h1:ycBJEhp9p4vXvUZNszeOq0kGTPghopOL8q0fq3vstxw=", "h1:1dzgHSNfp02xaA81J2MS99Qcpr2w7fw1gpm99rleRqA=",
	},
	{
		"golang.org/x/sync", "v0.11.0", "1.18",
		"h1:GGz8+XQP4FvTTrjZPzNKTMFtSXH80RAzG+5ghFPgK9w=", "h1:Czt+wKu1gCyEFDUtn0jG5QVvpJ6rzVqr5aXyt9drQfk=",
	},
}

// A requirer lets the packages of one module import packages from modules that its
// go.mod does not list.
type requirer struct {
	l     *goCmd
	goMod string // the module's go.mod

	// tryOut loads a package using modFile and the go.sum beside it, so that changed
	// files that import the package can be type-checked.
	tryOut func(pkgPath, modFile string) error

	mu   sync.Mutex
	memo map[string]required // by import path; guarded by mu
}

type required struct {
	req *patterns.Requirement
	err error
}

// require makes a package importable. See [patterns.Package.Require].
func (r *requirer) require(pkgPath string) (*patterns.Requirement, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m, ok := r.memo[pkgPath]; ok {
		return m.req, m.err
	}
	req, err := r.find(pkgPath)
	r.memo[pkgPath] = required{req, err}
	return req, err
}

// find computes the new go.mod and go.sum. It returns nil if they need no change.
func (r *requirer) find(pkgPath string) (*patterns.Requirement, error) {
	mod, text, err := readModFile(r.goMod)
	if err != nil {
		return nil, err
	}
	if module.CheckImportPath(pkgPath) != nil || inModule(mod.Module.Mod.Path, pkgPath) {
		return nil, nil
	}
	for _, req := range mod.Require {
		if inModule(req.Mod.Path, pkgPath) {
			return r.direct(mod, text, req)
		}
	}
	rel, err := releaseFor(pkgPath, mod)
	if err != nil {
		return nil, err
	}
	refuse := func(why string) (*patterns.Requirement, error) {
		return nil, errors.New("go.mod does not require " + rel.module + ", and " + why + ": add it first, by go get " + rel.module)
	}
	if r.l.vars.GOWORK != "" && r.l.vars.GOWORK != "off" {
		return refuse("the module is part of a workspace (go.work)")
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(r.goMod), "vendor", "modules.txt")); err == nil {
		return refuse("the module has a vendor directory, which go mod vendor must fill")
	}
	out, err := r.add(mod, text, rel)
	if err != nil {
		return nil, err
	}
	if err := r.load(pkgPath, out); err != nil {
		return refuse("it cannot be loaded (" + err.Error() + ")")
	}
	return out, nil
}

// inModule reports whether a package path belongs to a module path.
func inModule(mod, pkg string) bool { return pkg == mod || strings.HasPrefix(pkg, mod+"/") }

func readModFile(name string) (*modfile.File, *patterns.File, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	f := textFile(name, data)
	mod, err := modfile.Parse(name, f.Content, nil)
	if err == nil && mod.Module == nil {
		err = errors.New(name + " names no module")
	}
	return mod, f, err
}

// textFile returns a File for a file that is not Go source.
func textFile(name string, data []byte) *patterns.File {
	f := &patterns.File{Name: name}
	f.CRLF = bytes.Contains(data, []byte("\r\n"))
	f.Content = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return f
}

// direct removes the comment "// indirect" from a requirement.
func (r *requirer) direct(mod *modfile.File, text *patterns.File, req *modfile.Require) (*patterns.Requirement, error) {
	if !req.Indirect {
		return nil, nil
	}
	path, vers := req.Mod.Path, req.Mod.Version
	var all []*modfile.Require
	for _, q := range mod.Require {
		c := *q
		c.Indirect = q.Indirect && q != req
		all = append(all, &c)
	}
	mod.SetRequireSeparateIndirect(all)
	content, err := formatted(mod)
	if err != nil {
		return nil, err
	}
	return &patterns.Requirement{Module: path, Version: vers, Files: []patterns.ModuleFile{{File: text, Content: content}}}, nil
}

func formatted(mod *modfile.File) ([]byte, error) {
	mod.Cleanup()
	mod.SortBlocks()
	return mod.Format()
}

// releaseFor returns the newest release that has the package and does not need a newer
// Go version than the module.
func releaseFor(pkgPath string, mod *modfile.File) (release, error) {
	lang := "go1.16" // the go command's default for a go.mod without a go line
	if mod.Go != nil {
		lang = "go" + mod.Go.Version
	}
	for _, rel := range releases {
		if inModule(rel.module, pkgPath) && version.Compare("go"+rel.goVersion, lang) <= 0 {
			return rel, nil
		}
	}
	return release{}, errors.New("go.mod does not require the module of " + pkgPath + ", and no version of it is known that does with " + lang + ": add it first, by go get " + pkgPath)
}

// add returns go.mod and go.sum with a release added.
func (r *requirer) add(mod *modfile.File, text *patterns.File, rel release) (*patterns.Requirement, error) {
	all := []*modfile.Require{{Mod: module.Version{Path: rel.module, Version: rel.version}}}
	for _, q := range mod.Require {
		c := *q
		all = append(all, &c)
	}
	mod.SetRequireSeparateIndirect(all)
	content, err := formatted(mod)
	if err != nil {
		return nil, err
	}
	sum, err := r.addSum(rel)
	if err != nil {
		return nil, err
	}
	return &patterns.Requirement{
		Module: rel.module, Version: rel.version,
		Files: []patterns.ModuleFile{{File: text, Content: content}, sum},
	}, nil
}

// addSum returns go.sum with the checksums of a release added in the go command's
// order.
func (r *requirer) addSum(rel release) (patterns.ModuleFile, error) {
	name := strings.TrimSuffix(r.goMod, ".mod") + ".sum"
	data, err := os.ReadFile(name)
	absent := errors.Is(err, os.ErrNotExist)
	if err != nil && !absent {
		return patterns.ModuleFile{}, err
	}
	f := textFile(name, data)
	f.Absent = absent
	var lines []string
	for line := range strings.Lines(string(f.Content)) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	for _, add := range []string{
		rel.module + " " + rel.version + " " + rel.sum,
		rel.module + " " + rel.version + "/go.mod " + rel.modSum,
	} {
		if slices.Contains(lines, add) {
			continue
		}
		at := slices.IndexFunc(lines, func(l string) bool { return sumLess(add, l) })
		if at < 0 {
			at = len(lines)
		}
		lines = slices.Insert(lines, at, add)
	}
	return patterns.ModuleFile{File: f, Content: []byte(strings.Join(lines, "\n") + "\n")}, nil
}

// sumLess reports whether go.sum line a sorts before b.
func sumLess(a, b string) bool {
	parse := func(line string) module.Version {
		fields := append(strings.Fields(line), "", "")
		return module.Version{Path: fields[0], Version: fields[1]}
	}
	list := []module.Version{parse(b), parse(a)}
	if list[0] == list[1] {
		return false
	}
	module.Sort(list)
	return list[0] == parse(a)
}

// load checks that the package can be loaded with the new go.mod and go.sum.
func (r *requirer) load(pkgPath string, req *patterns.Requirement) error {
	dir, err := scratch.Dir()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	modFile, err := writeModFiles(dir, req.Files)
	if err != nil {
		return err
	}
	err = r.tryOut(pkgPath, modFile)
	var e *Error
	if errors.As(err, &e) {
		return errors.New(strings.TrimPrefix(e.Msg, "the go command failed: "))
	}
	return err
}
