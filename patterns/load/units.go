package load

import (
	"bytes"
	"context"
	"go/token"
	"go/types"
	"os/exec"
	"strings"
	"sync"
)

// unitsFormat is what the go command is asked to print of every package. What
// its own text may contain is no control character.
const unitsFormat = `{{if .DepOnly}}d{{else}}r{{end}}` + "\x02" + `{{.ImportPath}}` + "\x02" + `{{.Export}}` +
	`{{if not .DepOnly}}` + "\x02" + `{{.Dir}}` + "\x02" + `{{with .Module}}{{.Path}}{{end}}` + "\x02" + `{{with .Module}}{{if not .Main}}{{.Version}}{{end}}{{end}}` +
	"\x02" + `{{with .Module}}{{.GoVersion}}{{end}}` + "\x02" + `{{len .CgoFiles}}` + "\x02" + `{{join .CompiledGoFiles "` + "\x01" + `"}}` +
	"\x02" + `{{join .Imports "` + "\x01" + `"}}` + "\x02" + `{{range $k, $v := .ImportMap}}{{$k}}` + "\x03" + `{{$v}}` + "\x01" + `{{end}}{{end}}` + "\x04"

// Units lists the packages that args name, without their test files and without
// parsing any file: for each, what it needs to be loaded by itself. Packages
// that import each other come in the order of the go command, which is that
// of their imports.
//
// It is not ok where a package has an error or does not belong to a main module
// or the standard library: then [Load] tells what is wrong.
func Units(cfg Config, args ...string) (units []*Unit, ok bool) {
	g, err := newGoCmd(cfg)
	if err != nil {
		return nil, false
	}
	flags := []string{"list", "-export", "-deps", "-compiled", "-f=" + unitsFormat}
	if cfg.Tags != "" {
		flags = append(flags, "-tags="+cfg.Tags)
	}
	out, ok := g.quiet(g.ctx, append(append(flags, "--"), args...))
	if !ok {
		return nil, false
	}
	exports := make(map[string]string)
	for record := range bytes.SplitSeq(out, []byte{4}) {
		f := strings.Split(strings.TrimPrefix(string(record), "\n"), "\x02")
		if len(f) < 3 {
			continue
		}
		exports[f[1]] = f[2]
		if f[0] == "d" {
			continue
		}
		u, ok := newUnit(f, g)
		if !ok {
			return nil, false
		}
		if u == nil {
			continue
		}
		u.PackageFile = exports
		units = append(units, u)
	}
	shared := &unitImporter{fset: token.NewFileSet(), known: make(map[string]*types.Package), mu: new(sync.Mutex)}
	for _, u := range units {
		u.shared = shared
	}
	return units, len(units) > 0
}

// quiet runs the go command. It is not ok if that has anything to complain of.
func (g *goCmd) quiet(ctx context.Context, args []string) ([]byte, bool) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	return out, err == nil && stderr.Len() == 0
}

// newUnit makes the unit of one record of the go command, or nil if that has no
// files.
func newUnit(f []string, g *goCmd) (*Unit, bool) {
	if len(f) == 11 && f[8] == "" { // nothing but test files
		return nil, true
	}
	if len(f) != 11 || f[2] == "" || strings.HasPrefix(f[1], commandLine) || f[5] != "" || f[4] == "" && !within(g.vars.GOROOT, f[3]) {
		return nil, false
	}
	u := &Unit{ID: f[1], ImportPath: f[1], Dir: f[3], GoVersion: g.vars.GOVERSION, ImportMap: make(map[string]string)}
	u.ModulePath = f[4]
	if f[6] != "" {
		u.GoVersion = "go" + f[6]
	}
	u.GoFiles = strings.Split(f[8], "\x01")
	u.Imports = strings.Split(f[9], "\x01")
	for pair := range strings.SplitSeq(f[10], "\x01") {
		if from, to, ok := strings.Cut(pair, "\x03"); ok {
			u.ImportMap[from] = to
		}
	}
	return u, true
}
