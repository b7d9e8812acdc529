package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A goCmd runs the go command in one directory and environment.
type goCmd struct {
	ctx  context.Context
	dir  string // absolute
	env  []string
	vars goEnv
	tool string // see [Config.Tool]

	waiting func(string) // see [Config.Waiting]; not nil
}

// goEnv is the part of the go command's environment that a load depends on.
type goEnv struct {
	GOMOD     string // the main module's go.mod; os.DevNull if there is none, "" in GOPATH mode
	GOWORK    string // the go.work file, "" or "off" if there is none
	GOROOT    string
	GOVERSION string

	GOMODCACHE string

	// These affect which files belong to a package, and their contents.
	GOOS, GOARCH, GOFLAGS, GOEXPERIMENT, CGO_ENABLED string
}

// newGoCmd checks that the directory and the go command exist, and returns a goCmd.
func newGoCmd(cfg Config) (*goCmd, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, &Error{BadDir, err.Error(), err}
	}
	switch info, err := os.Stat(dir); {
	case errors.Is(err, os.ErrNotExist):
		return nil, &Error{BadDir, "directory " + dir + " does not exist", err}
	case err != nil:
		return nil, &Error{BadDir, err.Error(), err}
	case !info.IsDir():
		return nil, errorf(BadDir, "%s is not a directory", dir)
	}
	g := &goCmd{ctx: cfg.Context, dir: dir, env: cfg.Env, tool: cfg.Tool, waiting: cfg.Waiting}
	if g.waiting == nil {
		g.waiting = func(string) {}
	}
	if g.ctx == nil {
		g.ctx = context.Background()
	}
	if g.env == nil {
		g.env = os.Environ()
	}
	g.env = staysLocal(g.env)
	// Don't use another driver: main modules and test variants are specific to the
	// go command.
	g.env = append(g.env[:len(g.env):len(g.env)], "GOPACKAGESDRIVER=off", "PWD="+dir)
	if !inPath("go", g.env) {
		return nil, errorf(NoGoCommand, "the go command was not found in PATH; install Go or add it to PATH")
	}
	out, err := g.run("env", "-json", "GOMOD", "GOWORK", "GOROOT", "GOVERSION", "GOMODCACHE",
		"GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "CGO_ENABLED")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &g.vars); err != nil {
		return nil, &Error{GoFailed, "the go command printed its environment in an unknown form: " + err.Error(), err}
	}
	return g, g.checkPlatform()
}

// checkPlatform returns an error if Go does not support the operating system and
// architecture in the environment. The go command would report no error when listing
// packages, but find no files.
func (g *goCmd) checkPlatform() error {
	if g.vars.GOOS == runtime.GOOS && g.vars.GOARCH == runtime.GOARCH {
		return nil
	}
	if _, stderr, err := g.output("build", "-n", "unsafe"); err != nil && strings.Contains(stderr, "unsupported GOOS/GOARCH") {
		return errorf(GoFailed, "Go does not support GOOS=%s GOARCH=%s; go tool dist list prints what it supports", g.vars.GOOS, g.vars.GOARCH)
	}
	return nil
}

// inPath reports whether a program is in the PATH of both env and this process. The
// latter is used to start the program.
func inPath(program string, env []string) bool {
	if _, err := exec.LookPath(program); err != nil {
		return false
	}
	path := ""
	for _, kv := range env {
		key, value, _ := strings.Cut(kv, "=")
		if key == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(key, "PATH") {
			path = value // the last one counts
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			continue
		}
		if _, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return true
		}
	}
	return false
}

// run runs the go command and returns its standard output. The error is an [*Error] with
// the command's message.
func (g *goCmd) run(args ...string) ([]byte, error) {
	stdout, stderr, err := g.output(args...)
	if err != nil {
		if g.ctx.Err() != nil {
			return nil, cancelled(g.ctx)
		}
		return nil, g.failed(err, stderr)
	}
	return stdout, nil
}

// output runs the go command and returns its standard output and standard error.
func (g *goCmd) output(args ...string) (stdout []byte, stderr string, err error) {
	var out bytes.Buffer
	errs := complaints{waiting: g.waiting}
	cmd := exec.CommandContext(g.ctx, "go", safely(args)...)
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.Stdout, cmd.Stderr = &out, &errs
	g.waiting("waiting for go " + args[0])
	defer g.waiting("")
	err = cmd.Run()
	return out.Bytes(), errs.said.String(), err
}

// complaints collects the go command's standard error, and reports module downloads
// immediately.
type complaints struct {
	said    strings.Builder
	waiting func(string)
}

func (c *complaints) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		if module, ok := strings.CutPrefix(strings.TrimSpace(line), downloading); ok {
			c.waiting("waiting for go to download " + module)
		}
	}
	return c.said.Write(text)
}

// safely keeps go list from running a version control system, or a -toolexec program other
// than one that letgo sets itself. The listed code may be untrusted, and neither is needed.
// The flags of go list must precede its packages.
func safely(args []string) []string {
	if args[0] != "list" {
		return args
	}
	return slices.Concat(args[:1], safeFlags, args[1:])
}

var safeFlags = []string{"-buildvcs=false", "-toolexec="}

// staysLocal sets GOTOOLCHAIN=local unless the environment sets GOTOOLCHAIN. Otherwise the
// go command would download and run a newer toolchain if go.mod requires one.
func staysLocal(env []string) []string {
	if slices.ContainsFunc(env, func(kv string) bool { return strings.HasPrefix(kv, "GOTOOLCHAIN=") && kv != "GOTOOLCHAIN=" }) {
		return env
	}
	return append(env[:len(env):len(env)], "GOTOOLCHAIN=local")
}

// failed returns an error with what the go command wrote to standard error.
func (g *goCmd) failed(err error, stderr string) *Error {
	// go/packages wraps the message.
	if _, rest, ok := strings.Cut(stderr, ": stderr: "); ok {
		stderr = rest
	}
	stderr = strings.TrimPrefix(stderr, "-: ")
	msg := strings.TrimPrefix(oneLine(strings.Join(complaintsIn(stderr), "")), "go: ")
	if msg == "" {
		msg = err.Error()
	}
	switch {
	case strings.Contains(msg, "GOTOOLCHAIN=local"):
		msg += "; letgo has no toolchain downloaded unless the environment has GOTOOLCHAIN=auto"
	case strings.Contains(msg, "cannot load module") && strings.Contains(msg, "listed in go.work"):
		msg += "; GOWORK=off ignores the workspace, and git submodule update --init fetches the module if it is a submodule"
	}
	return &Error{GoFailed, "the go command failed: " + shorten(g.dir, msg), err}
}

// complaintsIn returns the lines of the go command's standard error, without download
// messages and warnings.
func complaintsIn(stderr string) []string {
	var said []string
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, downloading) && !strings.HasPrefix(line, warning) {
			said = append(said, line)
		}
	}
	return said
}

// Prefixes of lines of the go command that are not errors.
const (
	warning     = "go: warning: "
	downloading = "go: downloading "
)

func cancelled(ctx context.Context) *Error {
	return &Error{Cancelled, context.Cause(ctx).Error(), ctx.Err()}
}

// hasModule reports whether there is a go.mod or go.work file to resolve directories with.
// It also returns true in GOPATH mode, which needs none.
func (g *goCmd) hasModule() bool {
	return g.vars.GOMOD != os.DevNull || g.vars.GOWORK != "" && g.vars.GOWORK != "off"
}

// mainDirs returns the directory of the main module, or those of all modules of the
// workspace.
func (g *goCmd) mainDirs() ([]string, error) {
	if !g.hasModule() || g.vars.GOMOD == "" {
		return nil, nil
	}
	out, err := g.run("list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' || r == '\r' }), nil
}

// goVersion returns the language version of the go command, or "" if it is a
// development version without one.
func (g *goCmd) goVersion() string {
	for _, word := range strings.Fields(g.vars.GOVERSION) {
		if v := version.Lang(word); v != "" {
			return v
		}
	}
	return ""
}

// inStd reports whether dir is a directory of the standard library or of the
// commands of the Go distribution.
func (g *goCmd) inStd(dir string) bool {
	return within(filepath.Join(g.vars.GOROOT, "src"), dir)
}

// within reports whether path is dir or lies below it.
func within(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
