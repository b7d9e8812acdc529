package load

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// A Place says what the packages of one directory are loaded with: what is analysed
// together.
type Place struct {
	Dir  string   // for Config.Dir: of the workspace, the module, or the directory itself
	Args []string // for Load; nil if there is no module: then files must be named
	Env  []string // for Config.Env

	// Foreign says that the directory is not the user's own work: it belongs to
	// the standard library or to the cache of modules.
	Foreign bool
}

// Locate finds out which packages belong together with those in a directory: all
// packages of its workspace if a go.work file uses its module, otherwise all packages
// of its module, otherwise those in the directory. For the standard library it is the
// directory alone. The error is an [*Error].
func Locate(ctx context.Context, dir string, env []string) (*Place, error) {
	g, err := newGoCmd(Config{Dir: dir, Env: env, Context: ctx})
	if err != nil {
		return nil, err
	}
	out, err := g.run("env", "-json", "GOMODCACHE")
	if err != nil {
		return nil, err
	}
	var more struct{ GOMODCACHE string }
	if err := json.Unmarshal(out, &more); err != nil {
		return nil, &Error{GoFailed, "the go command printed its environment in an unknown form: " + err.Error(), err}
	}
	p := &Place{Dir: g.dir, Env: env, Foreign: g.inStd(g.dir) || more.GOMODCACHE != "" && within(more.GOMODCACHE, g.dir)}
	if !g.hasModule() {
		return p, nil
	}
	root := ModuleRoot(g.dir)
	switch {
	case g.inStd(g.dir):
		p.Args = []string{"."}
	case root == "": // in the tree of a workspace, but in no module
		p.Env = withoutWorkspace(env)
	case g.vars.GOWORK == "" || g.vars.GOWORK == "off":
		p.Dir, p.Args = root, []string{"./..."}
	default:
		return p, p.inWorkspace(g, root)
	}
	return p, nil
}

// inWorkspace fills in a place in the module with the given root, below or
// beside a go.work file.
func (p *Place) inWorkspace(g *goCmd, root string) error {
	mains, err := g.mainDirs()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(mains, func(d string) bool { return sameFile(d, root) }) {
		p.Dir, p.Args = filepath.Dir(g.vars.GOWORK), []string{"work"}
		return nil
	}
	// The workspace does not use this module, so it stands alone.
	p.Env = withoutWorkspace(p.Env)
	p.Dir, p.Args = root, []string{"./..."}
	return nil
}

func withoutWorkspace(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	return append(env[:len(env):len(env)], "GOWORK=off")
}

// ModuleRoot returns the nearest directory with a go.mod file, dir or one above it, or
// "". Like the go command it ignores one in the system's directory for temporary files.
func ModuleRoot(dir string) string {
	tmp := filepath.Clean(os.TempDir())
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != tmp {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}
