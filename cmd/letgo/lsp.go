package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// serve is the language server on standard input and output.
func (a *app) serve(ctx context.Context) int {
	opts := editor.Options{Version: buildVersion(), Explain: explainFor(ctx)}
	switch {
	case a.opts.gopls:
		opts.Gopls, opts.Stderr = append([]string{"gopls"}, a.opts.args...), a.stderr
	case len(a.opts.args) > 0:
		return a.fail("letgo lsp takes no arguments: the editor says which files it is about")
	}
	if a.opts.debug {
		opts.Debug = a.stderr
	}
	if editor.Serve(ctx, a.stdin, a.stdout, opts) != 0 {
		return exitFound
	}
	return exitNone
}

// explainFor returns the function by which the server explains a section, in
// the words of "letgo explain".
func explainFor(ctx context.Context) func(*patterns.Program, *patterns.Package, *patterns.File, int, string) (string, error) {
	return func(x *patterns.Program, q *patterns.Package, f *patterns.File, line int, dir string) (string, error) {
		a := &app{opts: &options{shapes: shapes.All()}, dir: dir, stdout: new(bytes.Buffer), stderr: new(bytes.Buffer)}
		a.bar = newProgress(a.stderr)
		e, err := a.explained(ctx, &program{Program: x}, q, f, line)
		if err != nil {
			return "", fmt.Errorf("explaining %s: %w", a.rel(f.Name), err)
		}
		return a.explanation(e), nil
	}
}
