package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/explanation"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/rewrite/shapes"
)

// serve is the language server on standard input and output.
func (a *command) serve(ctx context.Context) int {
	opts := editor.Options{Version: help.BuildVersion(), Explain: explainFor(ctx)}
	switch {
	case a.Opts.Gopls:
		opts.Gopls, opts.Stderr = append([]string{"gopls"}, a.Opts.Args...), a.Stderr
	case len(a.Opts.Args) > 0:
		return a.Fail("letgo lsp takes no arguments: the editor names the files")
	}
	if a.Opts.Debug {
		opts.Debug = a.Stderr
	}
	if editor.Serve(ctx, a.Stdin, a.Stdout, opts) != 0 {
		return app.ExitFound
	}
	return app.ExitNone
}

// explainFor returns the function by which the server explains a section, in
// the words of "letgo explain".
func explainFor(ctx context.Context) func(*patterns.Program, *patterns.Package, *patterns.File, int, string) (string, error) {
	return func(x *patterns.Program, q *patterns.Package, f *patterns.File, line int, dir string) (string, error) {
		a := &command{&app.App{Opts: &app.Options{Shapes: shapes.All()}, Dir: dir, Stdout: new(bytes.Buffer), Stderr: new(bytes.Buffer)}}
		a.Bar = app.NewProgress(a.Stderr)
		e, err := a.explained(ctx, &outcome.Program{Program: x}, q, f, line)
		if err != nil {
			return "", fmt.Errorf("explaining %s: %w", a.Rel(f.Name), err)
		}
		return explanation.Explanation(a.App, e), nil
	}
}
