package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A module is a copy of one that the tools are measured on.
type module struct {
	name     string
	path     string // import path, "" for the standard library
	dir      string
	env      []string // beside those of this process
	packages []string // to give to the tools
	lines    int      // of Go in its packages, without tests
	file     string   // to change
	changes  int
}

// String names the module as in the table.
func (m *module) String() string {
	return fmt.Sprintf("%s, %d thousand lines", m.name, (m.lines+500)/1000)
}

// newModule copies a module to a directory and compiles it, unless nothing is to be
// compiled.
func newModule(ctx context.Context, arg, to string, cold bool) (*module, error) {
	m := &module{name: filepath.Base(arg), dir: to, packages: []string{"./..."}}
	if arg == "std" {
		if err := m.copyStd(ctx, to); err != nil {
			return nil, err
		}
	} else if err := m.copyModule(ctx, arg, to); err != nil {
		return nil, err
	}
	if err := m.survey(ctx); err != nil {
		return nil, err
	}
	if cold {
		return m, nil
	}
	if out := m.build(ctx); out != "" {
		fmt.Fprintf(os.Stderr, "letbench: %s does not compile, and the tools leave out what does not:\n%s", arg, out)
	}
	return m, nil
}

// build compiles the module, so that all tools find that in the cache. It
// returns what the compiler says.
func (m *module) build(ctx context.Context) string {
	out, err := m.command(ctx, "go", append([]string{"build"}, m.packages...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s%v\n", out, err)
	}
	return ""
}

func (m *module) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = m.dir
	cmd.Env = append(append(os.Environ(), "PWD="+m.dir), m.env...)
	return cmd
}

// copyModule copies the module in a directory.
func (m *module) copyModule(ctx context.Context, from, to string) error {
	from, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	m.name = filepath.Base(from)
	if _, err := os.Stat(filepath.Join(from, "go.mod")); err != nil {
		return fmt.Errorf("not the directory of a module: %w", err)
	}
	if err := copyTree(from, to); err != nil {
		return fmt.Errorf("copying it: %w", err)
	}
	out, err := m.command(ctx, "go", "list", "-m", "-f", "{{if eq .Dir \""+to+"\"}}{{.Path}}{{end}}").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	m.path = strings.TrimSpace(string(out))
	return nil
}

// copyStd makes a Go installation with a copy of the library's source: the go
// command takes the packages of the standard library from nowhere else. Package
// unsafe is left out, of which there is nothing to type-check, and so are packages
// that have nothing but tests.
func (m *module) copyStd(ctx context.Context, to string) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	root := strings.TrimSpace(string(out))
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return err
	}
	for _, e := range entries {
		from, link := filepath.Join(root, e.Name()), filepath.Join(to, e.Name())
		if e.Name() == "src" {
			err = copyTree(from, link)
		} else {
			err = os.Symlink(from, link)
		}
		if err != nil {
			return fmt.Errorf("copying the standard library: %w", err)
		}
	}
	m.dir, m.env = filepath.Join(to, "src"), []string{"GOROOT=" + to, "GOTOOLCHAIN=local", "GOWORK=off"}
	list, err := m.command(ctx, "go", "list", "-e", "-f", "{{if or .GoFiles .CgoFiles}}{{.ImportPath}}{{end}}", "./...").Output()
	if err != nil {
		return fmt.Errorf("go list ./... in the standard library: %w", err)
	}
	m.packages = nil
	for path := range strings.FieldsSeq(string(list)) {
		if path != "unsafe" {
			m.packages = append(m.packages, "./"+path)
		}
	}
	return nil
}

// survey counts the lines of the packages, and chooses the file to change: one of
// the package in the middle of the list.
func (m *module) survey(ctx context.Context) error {
	format := `{{range .GoFiles}}{{$.Dir}}/{{.}}{{"\x01"}}{{end}}{{range .CgoFiles}}{{$.Dir}}/{{.}}{{"\x01"}}{{end}}`
	out, err := m.command(ctx, "go", append([]string{"list", "-e", "-f", format}, m.packages...)...).Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	packages := strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	if len(packages) == 0 {
		return fmt.Errorf("there are no packages in %s", m.dir)
	}
	for i, p := range packages {
		files := strings.FieldsFunc(p, func(r rune) bool { return r == '\x01' })
		if i == len(packages)/2 {
			m.file = files[0]
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			m.lines += bytes.Count(text, []byte("\n"))
		}
	}
	return nil
}

// change adds a function to a file, another one each time.
func (m *module) change() error {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return err
	}
	m.changes++
	return os.WriteFile(m.file, fmt.Appendf(text, "\nfunc letbench%d() int { return %d }\n", m.changes, m.changes), 0o666)
}

// copyTree copies the files of a directory, without the history of the
// repository.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		case !d.Type().IsRegular() || d.Name() == ".git":
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o666)
	})
}
