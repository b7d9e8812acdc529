package load

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// A Place says how to load the packages of a directory together with those that
// should be analyzed with them.
type Place struct {
	Dir  string   // for Config.Dir: the root of the workspace or module, or the directory itself
	Args []string // for Load; nil if there is no module, so files must be named
	Env  []string // for Config.Env

	// Foreign says that the directory is not the user's own code: it belongs to
	// the standard library or the module cache.
	Foreign bool
}

// Locate finds the packages to analyze together with those in a directory: all packages
// of its workspace if a go.work file uses its module, or else all packages of its
// module. In the standard library it is only the directory. The error is an [*Error].
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
	case root == "": // below a go.work file, but not in a module
		p.Env = withoutWorkspace(env)
	case g.vars.GOWORK == "" || g.vars.GOWORK == "off":
		p.Dir, p.Args = root, []string{"./..."}
	default:
		return p, p.inWorkspace(g, root)
	}
	return p, nil
}

// inWorkspace fills in the place for a module with the given root if there is a
// go.work file.
func (p *Place) inWorkspace(g *goCmd, root string) error {
	mains, err := g.mainDirs()
	if err != nil {
		return err
	}
	if slices.ContainsFunc(mains, func(d string) bool { return sameFile(d, root) }) {
		p.Dir, p.Args = filepath.Dir(g.vars.GOWORK), []string{"work"}
		return nil
	}
	// The workspace does not use this module, so load it alone.
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

// ModuleRoot returns the nearest directory with a go.mod file at or above dir, or "".
// Like the go command, it ignores a go.mod in the system's temporary directory.
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
