//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// script writes a program of the shell and returns its name.
func script(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o777); err != nil {
		t.Fatal(err)
	}
	return name
}

// smallModule writes a module of two packages, with a history that must not be
// copied.
func smallModule(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "small")
	for name, text := range map[string]string{
		"go.mod": "module example.org/small\n\ngo 1.26\n", "a/a.go": "package a\n\nfunc A() {}\n",
		"b/b.go": "package b\n\nimport \"example.org/small/a\"\n\nfunc B() { a.A() }\n", ".git/HEAD": "none",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestBench runs two tools on a module: each three times a round, with a cache
// that is empty at first and then not, and with a change before the last run.
func TestBench(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	work := `echo "$* $(ls "$TOOL_CACHE" | wc -l) $(cat b/b.go a/a.go | grep -c letbench)" >>` + log + "\ntouch $TOOL_CACHE/x\n"
	b := &bench{runs: 2, timeout: time.Minute, tools: []tool{
		{name: "one", program: script(t, work), args: []string{"-x"}, cache: "TOOL_CACHE", done: []int{0}, only: "-only="},
		{name: "bad", program: script(t, "echo no such thing >&2; exit 3\n"), done: []int{0}},
		{name: "three", program: script(t, "exit 1\n"), done: []int{0, 1}},
	}}
	source := smallModule(t)
	m, err := newModule(t.Context(), source, filepath.Join(t.TempDir(), "copy"), false)
	if err != nil {
		t.Fatal(err)
	}
	if m.lines != 8 || m.path != "example.org/small" || m.String() != "small, 0 thousand lines" {
		t.Errorf("%d lines in %q, %v", m.lines, m.path, m)
	}
	if _, err := os.Stat(filepath.Join(m.dir, ".git")); err == nil {
		t.Error("the history is copied")
	}
	if err := b.module(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, run := range []string{"0 0", "1 0", "1 1", "0 2", "1 2", "1 3"} { // the last tool changes it, too
		want.WriteString("-x -only=example.org/small ./... " + run + "\n")
	}
	if string(text) != want.String() {
		t.Errorf("runs (what is in the cache, changes):\n%s\nwant\n%s", text, want.String())
	}
	if !b.failed {
		t.Error("a tool that fails does not count")
	}
	if text, err := os.ReadFile(filepath.Join(source, "b/b.go")); err != nil || strings.Contains(string(text), "letbench") {
		t.Errorf("the module itself is changed: %s, %v", text, err)
	}
}

// TestMeasure checks what a run costs, and which runs count as failed.
func TestMeasure(t *testing.T) {
	m := &module{dir: t.TempDir()}
	c, err := measure(t.Context(), tool{program: script(t, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done\n"), done: []int{0}}, m, t.TempDir())
	if err != nil || c.cpu <= 0 || c.wall <= 0 || c.mem <= 0 {
		t.Errorf("%v, %v", c, err)
	}
	_, err = measure(t.Context(), tool{program: script(t, "echo out of luck >&2; exit 2\n"), done: []int{0, 1}}, m, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("a run that fails: %v", err)
	}
	_, err = measure(t.Context(), tool{program: "/none/there"}, m, t.TempDir())
	if err == nil {
		t.Error("a program that is not there runs")
	}
}

// TestRows checks the table: medians by column, and ratios to the first tool.
func TestRows(t *testing.T) {
	all := []costs{
		{"first": {{1, 9, 50}, {2, 2, 100}, {9, 1, 60}}, "same": {{1, 1, 1}, {3, 3, 1}}, "changed": {{1, 1, 1}}},
		{"first": {{20, 10, 300}}, "same": {{1, 1, 1}}, "changed": {{0.5, 2, 1}}},
		nil,
	}
	tools := []tool{{name: "letgo -l"}, {name: "other"}, {name: "third"}}
	want := `| m, 75 thousand lines | letgo -l | 2.00 | 2.00 | 2.00 | 2.00 | 1.00 | 1.00 | 60 |
| m, 75 thousand lines | other | 20.00 (10.0×) | 10.00 (5.0×) | 1.00 (0.5×) | 1.00 (0.5×) | 0.50 (0.5×) | 2.00 (2.0×) | 300 (5.0×) |
| m, 75 thousand lines | third | failed | failed | failed | failed | failed | failed | failed |
`
	if got := rows(&module{name: "m", lines: 74_500}, tools, all); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestInstalled checks that a tool that is missing is not forgotten.
func TestInstalled(t *testing.T) {
	tools := allTools("/none/letgo")
	for i := range tools[1:] {
		tools[i+1].program = "/bin/sh"
	}
	tools[3].program = "/none/there"
	there, missing := installed(tools)
	if len(there) != 4 || len(missing) != 2 || missing[0].name != letgoName || missing[1].name != tools[3].name {
		t.Errorf("there: %v, missing: %v", there, missing)
	}
	for _, t2 := range tools {
		if t2.install == "" {
			t.Errorf("nobody is told how to install %s", t2.name)
		}
	}
}

// TestLetgoProgram checks that the letgo of this module is measured, unless another
// one is named.
func TestLetgoProgram(t *testing.T) {
	program, remove, err := letgoProgram(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "letgo ") {
		t.Errorf("%s: %v", out, err)
	}
	remove()
	if _, err := os.Stat(program); err == nil {
		t.Error("it is not removed")
	}
	if program, _, err := letgoProgram(t.Context(), "other"); err != nil || program != "other" {
		t.Errorf("%s: %v", program, err)
	}
}

// TestStd checks the copy of the standard library: it compiles, and without
// package unsafe.
func TestStd(t *testing.T) {
	longtest.Skip(t, "copies and compiles the standard library")
	m, err := newModule(t.Context(), "std", filepath.Join(t.TempDir(), "std"), false)
	if err != nil {
		t.Fatal(err)
	}
	if out := m.build(t.Context()); out != "" || m.lines < 300_000 || m.name != "std" {
		t.Errorf("%v: %s", m, out)
	}
	for _, p := range m.packages {
		if p == "./unsafe" {
			t.Error("package unsafe is there")
		}
	}
	out, err := m.command(t.Context(), "go", "list", "-f", "{{.Dir}}", "net/http").Output()
	if err != nil || strings.TrimSpace(string(out)) != filepath.Join(m.dir, "net/http") {
		t.Errorf("net/http is in %s, %v", out, err)
	}
}
