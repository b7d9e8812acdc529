package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A variant is one of the four servers.
type variant struct {
	name, doc string
	bin       string // the program
	checkBin  string // the program that is checked: with the race detector, where there is one
}

// The four ways, and how each is made from the worked example.
var variants = []struct {
	name, doc string
	flags     []string                           // of letgo; nil: letgo is not run
	edit      func(dir string) error             // or nil
	changed   func(dir string, old []byte) error // checks what was made of server.go
}{
	{name: "held", doc: "as it is written: the lock is held during the validation"},
	{
		name: "context-lock", doc: "letgo -shape=context-lock: held, but who waits for it can give up (tokio's Mutex)",
		flags: []string{"-shape=context-lock"}, changed: differs,
	},
	{name: "offload", doc: "the operation runs in a bounded pool, and holds the lock there (spawn_blocking)", edit: offload, changed: differs},
	{
		name: "letgo", doc: "letgo: the lock is released during the validation",
		flags: []string{}, changed: differs,
	},
}

var (
	//go:embed added/probe.go.txt
	probeSource []byte
	//go:embed added/offload.go.txt
	offloadSource []byte
)

// A builder makes the servers in a directory of its own.
type builder struct {
	root string // of this module
	dir  string
	log  func(format string, args ...any)
}

// moduleRoot finds the checkout that the command is run in.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/letgo-dev/letgo").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module github.com/letgo-dev/letgo (run holdbench in a checkout of it): %w", withStderr(err))
	}
	return string(bytes.TrimSpace(out)), nil
}

// build makes the four servers.
func (b *builder) build(ctx context.Context) ([]*variant, error) {
	letgo := filepath.Join(b.dir, "letgo.bin")
	if err := b.command(ctx, b.root, "go", "build", "-o", letgo, "./cmd/letgo"); err != nil {
		return nil, err
	}
	var out []*variant
	for _, w := range variants {
		dir := filepath.Join(b.dir, w.name)
		b.log("%s: %s", w.name, w.doc)
		if err := os.CopyFS(dir, os.DirFS(filepath.Join(b.root, "testdata", "service"))); err != nil {
			return nil, fmt.Errorf("copying the worked example: %w", err)
		}
		old, err := os.ReadFile(filepath.Join(dir, "server.go"))
		if err != nil {
			return nil, err
		}
		if w.flags != nil {
			args := slices.Concat([]string{"-C", dir, "-w", "-grade=review"}, w.flags, []string{"./..."})
			if err := b.command(ctx, dir, letgo, args...); err != nil && exitStatus(err) != 1 { // 1: something is left
				return nil, err
			}
		}
		if w.edit != nil {
			if err := w.edit(dir); err != nil {
				return nil, err
			}
		}
		if w.changed != nil {
			if err := w.changed(dir, old); err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "probe.go"), probeSource, 0o644); err != nil {
			return nil, err
		}
		v := &variant{name: w.name, doc: w.doc, bin: filepath.Join(b.dir, w.name+".server")}
		v.checkBin = v.bin
		if err := b.command(ctx, dir, "go", "build", "-ldflags=-w", "-o", v.bin, "."); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// race builds the servers once more with the race detector. It reports false
// where there is none.
func (b *builder) race(ctx context.Context, vs []*variant) bool {
	for _, v := range vs {
		bin := v.bin + ".race"
		if err := b.command(ctx, filepath.Join(b.dir, v.name), "go", "build", "-race", "-ldflags=-w", "-o", bin, "."); err != nil {
			b.log("no race detector: %v", err)
			return false
		}
		v.checkBin = bin
	}
	return true
}

// differs checks that server.go was rewritten.
func differs(dir string, old []byte) error {
	now, err := os.ReadFile(filepath.Join(dir, "server.go"))
	if err == nil && bytes.Equal(now, old) {
		err = errors.New("server.go is as it was: there is nothing to compare")
	}
	return err
}

// offload makes the variant of that name: what was (*Server).put becomes
// putHere, and a put is added that runs it in the pool.
func offload(dir string) error {
	name := filepath.Join(dir, "server.go")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.Name == "put" {
			at := fset.Position(fn.Name.End()).Offset
			text = slices.Insert(text, at, []byte("Here")...)
			if err := os.WriteFile(name, text, 0o644); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "offload.go"), offloadSource, 0o644)
		}
	}
	return fmt.Errorf("%s has no method put to offload", name)
}

// command runs a command, and puts what it says into the error.
func (b *builder) command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", filepath.Base(name), args, err, out.Bytes())
	}
	return nil
}

// exitStatus returns the exit status of a command that failed, or -1.
func exitStatus(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}

func withStderr(err error) error {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	return err
}
