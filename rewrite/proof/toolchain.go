package proof

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/rewrite/proof/programs"
)

//go:embed testdata/world testdata/sync
var worldFiles embed.FS

// imported lists the packages that a program may import, before or after a
// rewrite.
var imported = []string{
	"bytes", "cmp", "context", "errors", "fmt", "io", "maps", "slices", "sort", "strconv", "strings", "sync", "sync/atomic", "time",
	"golang.org/x/sync/errgroup", "golang.org/x/sync/semaphore", "golang.org/x/sync/singleflight",
	// only by package world
	"bufio", "iter", "os", "runtime", "runtime/debug",
}

// A toolchain compiles and links without the go command, whose overhead would
// exceed the actual work and whose cache would keep every program.
type toolchain struct {
	dir     string
	race    bool
	exports map[string]string // object files by import path
	config  string            // the importcfg file that lists them

	compiler, linker string
}

// newToolchain compiles the packages of testdata into dir.
func newToolchain(dir string, race bool) (*toolchain, error) {
	t := &toolchain{dir: dir, race: race, exports: make(map[string]string), config: filepath.Join(dir, "importcfg")}
	args := []string{"list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}"}
	if race {
		args = append(args, "-race", "runtime/race")
	}
	for tool, file := range map[string]*string{"compile": &t.compiler, "link": &t.linker} {
		name, err := output(exec.Command("go", "tool", "-n", tool))
		if err != nil {
			return nil, err
		}
		*file = strings.TrimSpace(name)
	}
	cmd := exec.Command("go", slices.Concat(args, imported, programs.Importable)...)
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		t.exports[path] = file
	}
	if err := t.writeConfig(); err != nil {
		return nil, err
	}
	for _, name := range []string{"sync", "world"} {
		if err := t.compileOwn(name); err != nil {
			return nil, err
		}
		if err := t.writeConfig(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// compileOwn compiles a package of testdata: world, which programs call, or sync,
// which replaces the standard sync in some programs.
func (t *toolchain) compileOwn(name string) error {
	dir := "testdata/" + name
	entries, err := worldFiles.ReadDir(dir)
	if err != nil {
		return err
	}
	sources := make(map[string][]byte)
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), t.otherBuild()) {
			continue
		}
		if sources[e.Name()], err = worldFiles.ReadFile(dir + "/" + e.Name()); err != nil {
			return err
		}
	}
	files, err := writeAll(filepath.Join(t.dir, name), sources)
	if err != nil {
		return err
	}
	file := filepath.Join(t.dir, name+".a")
	if err := t.compile("proof/"+name, file, t.config, files); err != nil {
		return err
	}
	t.exports["proof/"+name] = file
	return nil
}

// otherBuild returns the file name suffix that this build leaves out.
func (t *toolchain) otherBuild() string {
	if t.race {
		return "_norace.go"
	}
	return "_race.go"
}

func (t *toolchain) writeConfig() error {
	var b bytes.Buffer
	for path, file := range t.exports {
		fmt.Fprintf(&b, "packagefile %s=%s\n", path, file)
	}
	return os.WriteFile(t.config, b.Bytes(), 0o666)
}

// compile compiles files into one package.
func (t *toolchain) compile(path, out, config string, files []string) error {
	args := []string{"-p", path, "-importcfg", config, "-o", out, "-pack", "-l", "-dwarf=false"}
	if t.race {
		args = append(args, "-race")
	}
	if strings.HasSuffix(path, programs.OldModule) {
		args = append(args, "-lang=go1.20")
	}
	cmd := exec.Command(t.compiler, append(args, files...)...)
	cmd.Dir, cmd.Env = t.dir, append(os.Environ(), "GOGC=400")
	_, err := output(cmd)
	return err
}

// link links the main package in file.
func (t *toolchain) link(out, config, file string) error {
	args := []string{"-s", "-w", "-importcfg", config, "-o", out}
	if t.race {
		args = append(args, "-race")
	}
	cmd := exec.Command(t.linker, append(args, file)...)
	cmd.Dir = t.dir
	_, err := output(cmd)
	return err
}

// output runs a command and returns its output. An error includes the output.
func output(cmd *exec.Cmd) (string, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args[:min(len(cmd.Args), 3)], " "), err, out.Bytes(), errs.Bytes())
		}
		return "", err
	}
	return out.String(), nil
}

// build compiles packages, a map from import path to file names and contents, and
// links them with a main function that runs them. It returns the name of the
// executable.
func (t *toolchain) build(dir string, packages map[string]map[string][]byte) (string, error) {
	config, err := os.ReadFile(t.config)
	if err != nil {
		return "", err
	}
	main := "package main\n\nimport (\n\t\"proof/world\"\n"
	for _, path := range sortedKeys(packages) {
		base := filepath.Join(dir, strings.ReplaceAll(path, "/", "_"))
		files, err := writeAll(base, packages[path])
		if err != nil {
			return "", err
		}
		if err := t.compile(path, base+".a", t.config, files); err != nil {
			return "", err
		}
		config = fmt.Appendf(config, "packagefile %s=%s.a\n", path, base)
		main += fmt.Sprintf("\t_ %q\n", path)
	}
	main += ")\n\nfunc main() { world.Main() }\n"
	files, err := writeAll(filepath.Join(dir, "main"), map[string][]byte{"importcfg": config, "main.go": []byte(main)})
	if err != nil {
		return "", err
	}
	object, program := filepath.Join(dir, "main.a"), filepath.Join(dir, "main.exe")
	if err := t.compile("main", object, files[0], files[1:]); err != nil {
		return "", err
	}
	return program, t.link(program, files[0], object)
}

// writeAll writes files into a new directory and returns their names.
func writeAll(dir string, files map[string][]byte) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var names []string
	for _, name := range sortedKeys(files) {
		names = append(names, filepath.Join(dir, name))
		if err := os.WriteFile(names[len(names)-1], files[name], 0o666); err != nil {
			return nil, err
		}
	}
	return names, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
