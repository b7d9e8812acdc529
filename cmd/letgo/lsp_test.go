package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/editor"
	"github.com/letgo-dev/letgo/editor/lsptest"
	"github.com/letgo-dev/letgo/internal/longtest"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"golang.org/x/tools/txtar"
)

// editorOn starts a server on a directory and returns a client of it.
func editorOn(t *testing.T, dir string) *lsptest.Client {
	t.Helper()
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	go func() {
		editor.Serve(t.Context(), toServer, fromServer, editor.Options{Explain: explainFor(t.Context())})
		fromServer.Close()
	}()
	c := lsptest.New(t, toClient, fromClient)
	t.Cleanup(func() { fromClient.Close() })
	c.Initialize(dir, lsptest.Full())
	return c
}

// goFiles returns the Go files below a directory, and go.mod and go.sum, with
// their text.
func goFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".go", ".mod", ".sum"}, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// requestFailed is the code of errors that are nobody's mistake, of LSP 3.17.
const requestFailed = -32803

// inEditor carries out the actions of some kind for all sections of the files
// of a directory, one section after the other, as a user does, and returns the
// text of the files then, and how many actions there were. Files in which two
// actions touch the same place are named in the third result.
func inEditor(t *testing.T, c *lsptest.Client, files map[string]string, kind string) (after map[string]string, count int, torn map[string]bool) {
	t.Helper()
	edits := make(map[string][]lsptest.TextEdit)
	sources := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(path string) bool { return filepath.Ext(path) != ".go" })
	for _, path := range sources {
		c.Open(path, files[path])
	}
	for _, path := range sources {
		seen := make(map[any]bool)
		for line := range strings.Count(files[path], "\n") {
			actions, err := c.Actions(path, lsptest.Point(lsptest.Position{Line: line}), kind)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range actions {
				data, _ := a.Data.(map[string]any)
				if a.Command != nil {
					data, _ = a.Command.Arguments[0].(map[string]any)
				}
				if a.Disabled != nil || seen[data["at"]] {
					continue
				}
				seen[data["at"]] = true
				edit, err := c.Resolve(a)
				if e, ok := errors.AsType[*lsptest.Error](err); ok && e.Code == requestFailed {
					continue // by the verification, for which the menu does not wait
				}
				if err != nil {
					t.Fatalf("%s:%d: %s: %v", path, line+1, a.Title, err)
				}
				count++
				for file, es := range edit.Edits() {
					edits[file] = append(edits[file], es...)
				}
			}
		}
	}
	after, torn = maps.Clone(files), make(map[string]bool)
	for file, es := range edits {
		once := unique(es)
		if overlap(files[file], once) || filepath.Ext(file) == ".go" && len(once) < len(es) && !importsOnly(files[file], es) {
			torn[file] = true
			continue
		}
		after[file] = lsptest.Apply(files[file], once)
	}
	return after, count, torn
}

// unique drops edits that are there twice: two rewrites may need the same import.
func unique(edits []lsptest.TextEdit) []lsptest.TextEdit {
	var out []lsptest.TextEdit
	for _, e := range edits {
		if !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

// importsOnly reports whether edits that are there twice add imports only. Two
// rewrites that add the same field, each for itself, must choose another name
// for the second when they are made together.
func importsOnly(text string, edits []lsptest.TextEdit) bool {
	last := strings.Index(text, "\n)\n")
	for i, a := range edits {
		for _, b := range edits[:i] {
			if a.Range == b.Range && lsptest.Offset(text, a.Range.Start) > last+1 {
				return false
			}
		}
	}
	return true
}

func overlap(text string, edits []lsptest.TextEdit) bool {
	for i, a := range edits {
		for _, b := range edits[:i] {
			if lsptest.Offset(text, a.Range.Start) < lsptest.Offset(text, b.Range.End) && lsptest.Offset(text, b.Range.Start) < lsptest.Offset(text, a.Range.End) {
				return true
			}
		}
	}
	return false
}

// TestEditorEquals carries out every plan of every case in testdata/rewrite in
// three ways: as code actions, as the diff of a dry run, and with -w. All must
// give the same bytes.
func TestEditorEquals(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	entries, err := os.ReadDir("../../testdata/rewrite")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			if !slices.Contains([]string{"drain", "singleflight", "snapshot"}, e.Name()) {
				longtest.Skip(t, "carries out many rewrites three times")
			}
			dir, _ := filepath.EvalSymlinks(t.TempDir())
			write(t, filepath.Join(dir, "go.mod"), "module cases\n\ngo 1.26.0\n")
			writeCases(t, dir, e.Name())
			checkEqual(t, dir, "refactor.rewrite.letgo."+e.Name(), "-grade=review", "-all", "-shape="+e.Name())
		})
	}
}

// TestEditorEqualsService does so for the worked example, with the safe
// rewrites of all shapes.
func TestEditorEqualsService(t *testing.T) {
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	if err := os.CopyFS(dir, os.DirFS("../../testdata/service")); err != nil {
		t.Fatal(err)
	}
	checkEqual(t, dir, "refactor.rewrite.letgo.split", "-grade=review", "-shape=split")
}

func checkEqual(t *testing.T, dir, kind string, args ...string) {
	t.Helper()
	files := goFiles(t, dir)
	c := editorOn(t, dir)
	after, count, torn := inEditor(t, c, files, kind)
	if count == 0 {
		t.Fatal("no action was offered: the test asserts nothing")
	}
	all := append([]string{"-C", dir}, args...)
	_, diff, stderr := try(context.Background(), nil, append(all, "./...")...)
	if status, _, stderr := try(context.Background(), nil, append(all, "-w", "./...")...); status == app.ExitFailed {
		t.Fatal(stderr)
	}
	written := goFiles(t, dir)
	same := 0
	var changed []textedit.File
	for _, path := range slices.Sorted(maps.Keys(written)) {
		name, _ := filepath.Rel(dir, path)
		switch {
		case torn[path]:
			t.Logf("%s: two rewrites touch the same place", name)
			changed = append(changed, textedit.File{Path: name, Old: []byte(files[path]), New: []byte(written[path])})
			continue
		case after[path] != written[path]:
			t.Errorf("%s: in the editor\n%s\nwith -w\n%s", name, after[path], written[path])
		case after[path] != files[path]:
			same++
		}
		changed = append(changed, textedit.File{Path: name, Old: oldBytes(files, path), New: []byte(after[path])})
	}
	want, err := textedit.Unified(slices.DeleteFunc(changed, func(f textedit.File) bool { return bytes.Equal(f.Old, f.New) }), 3)
	if err != nil || string(want) != diff {
		t.Errorf("the diff of the dry run is\n%s\nthat of the editor\n%s\n%s", diff, want, stderr)
	}
	t.Logf("%d actions, %d files the same, %d torn", count, same, len(torn))
	if len(torn)*8 > same { // rewrites of two findings may both change a helper
		t.Errorf("the test tests too little")
	}
}

// oldBytes is the text of a file, nil if there was none.
func oldBytes(files map[string]string, path string) []byte {
	if text, ok := files[path]; ok {
		return []byte(text)
	}
	return nil
}

// TestEditorFixAll carries out all safe rewrites of each file of some cases, as
// one action a file and with -w.
func TestEditorFixAll(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	write(t, filepath.Join(dir, "go.mod"), "module cases\n\ngo 1.26.0\n")
	for _, shape := range []string{"sink", "hoist"}[:longtest.Of(t, 1, 2)] {
		writeCases(t, dir, shape)
	}
	files := goFiles(t, dir)
	c := editorOn(t, dir)
	after := maps.Clone(files)
	for path, text := range files {
		c.Open(path, text)
		actions, err := c.Actions(path, lsptest.Range{}, "source.fixAll")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range actions {
			for file, edits := range a.Edit.Edits() {
				after[file] = lsptest.Apply(after[file], edits)
			}
		}
	}
	if status, _, stderr := try(context.Background(), nil, "-C", dir, "-w", "./..."); status == app.ExitFailed {
		t.Fatal(stderr)
	}
	changed := 0
	for path, text := range goFiles(t, dir) {
		if after[path] != text {
			t.Errorf("%s: in the editor\n%s\nwith -w\n%s", path, after[path], text)
		}
		if text != files[path] {
			changed++
		}
	}
	if changed < 5 {
		t.Errorf("only %d files have a safe rewrite: the test tests too little", changed)
	}
}

// TestEditorWorkspace compares the commands for the whole workspace with a dry
// run and with -w. One file is open, and none of its changes is on disk.
func TestEditorWorkspace(t *testing.T) {
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOPROXY", "off")
	dir, _ := filepath.EvalSymlinks(t.TempDir())
	write(t, filepath.Join(dir, "go.mod"), "module cases\n\ngo 1.26.0\n")
	writeCases(t, dir, "sink")
	if err := os.CopyFS(filepath.Join(dir, "service"), os.DirFS("../../testdata/service")); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "service/go.mod"))
	open := filepath.Join(dir, "service/server.go")
	saved := goFiles(t, dir)
	c := editorOn(t, dir)
	c.Open(open, saved[open])
	c.Change(open, 2, "// not saved\n\n"+saved[open])
	files := maps.Clone(saved)
	files[open] = "// not saved\n\n" + saved[open]

	for _, grade := range []string{"review", "safe"} {
		restore(t, dir, files) // as if it had been saved, for the command
		args := []string{"-C", dir, "-grade=" + grade, "./..."}
		_, want, stderr := try(context.Background(), nil, args...)
		try(context.Background(), nil, append([]string{"-w"}, args...)...)
		written := goFiles(t, dir)
		restore(t, dir, saved)

		var diff string
		var count int
		argument := map[string]any{"grade": grade}
		if err := c.Command("letgo.diff", argument, &diff); err != nil || diff != want || want == "" {
			t.Errorf("%s: %v, diff in the editor\n%s\nof the command\n%s%s", grade, err, diff, want, stderr)
		}
		if err := c.Command("letgo.apply", argument, &count); err != nil {
			t.Fatal(err)
		}
		edit := c.Asked()
		if questions := len(c.Other("window/showMessageRequest")); questions != 1 {
			t.Errorf("%s: %d times asked up to here, want once, for review", grade, questions)
		}
		after := maps.Clone(files)
		for file, edits := range edit.Edits() {
			after[file] = lsptest.Apply(files[file], edits)
		}
		changed := 0
		for path, text := range written {
			if after[path] != text {
				t.Errorf("%s: %s: in the editor\n%s\nwith -w\n%s", grade, path, after[path], text)
			}
			if text != files[path] {
				changed++
			}
		}
		if changed < 3 || changed != count {
			t.Errorf("%s: %d files changed, and the command said %d", grade, changed, count)
		}
	}
	if err := c.Command("letgo.diff", map[string]any{"grade": "any"}, nil); err == nil {
		t.Error("a grade that is none was accepted")
	}
}

// restore gives a directory the files that it had.
func restore(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name := range goFiles(t, dir) {
		if _, ok := files[name]; !ok {
			os.Remove(name)
		}
	}
	for name, text := range files {
		write(t, name, text)
	}
}

// writeCases writes the sources of the cases of a shape, each as a package.
func writeCases(t *testing.T, dir, shape string) {
	t.Helper()
	cases, _ := filepath.Glob("../../testdata/rewrite/" + shape + "/*.txtar")
	for _, name := range cases {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimSuffix(filepath.Base(name), ".txtar")
		for _, f := range a.Files {
			if base != "example" && filepath.Ext(f.Name) == ".go" {
				write(t, filepath.Join(dir, shape, base, f.Name), string(f.Data))
			}
		}
	}
}

// TestEditorExplain compares the text that the editor shows with that of the
// command.
func TestEditorExplain(t *testing.T) {
	dir, err := filepath.Abs("../../testdata/service")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "server.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, want, _ := try(context.Background(), nil, "-C", dir, "explain", "server.go:83", "./...")
	c := editorOn(t, dir)
	c.Open(file, string(text))
	actions, err := c.Actions(file, lsptest.Point(lsptest.Position{Line: 85}), "letgo.explain")
	if err != nil || len(actions) != 1 {
		t.Fatalf("%v, %v", actions, err)
	}
	var got string
	params := map[string]any{"command": actions[0].Command.Command, "arguments": actions[0].Command.Arguments}
	if err := c.Call("workspace/executeCommand", params, &got); err != nil || got != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got, want)
	}
}
