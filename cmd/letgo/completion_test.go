package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/help"
)

// TestCompletion checks the completions for every shell: they name every command,
// topic and flag, and the shell takes them where it is installed.
func TestCompletion(t *testing.T) {
	for _, shell := range help.Shells {
		t.Run(shell, func(t *testing.T) {
			status, script, stderr := try(context.Background(), nil, "completion", shell)
			if status != app.ExitNone {
				t.Fatal(stderr)
			}
			words := strings.FieldsFunc(script, func(r rune) bool { return strings.ContainsRune(" '|()=:[\n", r) })
			want := slices.Concat(app.CommandNames(), app.ShapeNames(), app.CategoryNames(), help.Shells)
			for _, topic := range help.Topics() {
				want = append(want, topic.Name)
			}
			app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
				if shell == "fish" {
					want = append(want, f.Name)
				} else {
					want = append(want, "-"+f.Name)
				}
			})
			for _, w := range want {
				if !slices.Contains(words, w) {
					t.Errorf("no %s", w)
				}
			}
			path, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("%s is not installed", shell)
			}
			file := filepath.Join(t.TempDir(), "letgo."+shell)
			write(t, file, script)
			if out, err := exec.Command(path, "-n", file).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s -n: %v\n%s", shell, err, out)
			}
		})
	}
	if status, _, stderr := try(context.Background(), nil, "completion", "csh"); status != app.ExitFailed || !strings.Contains(stderr, "bash, fish or zsh") {
		t.Errorf("%d %s", status, stderr)
	}
}

// TestCompletionBash types in bash.
func TestCompletionBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := t.TempDir()
	_, script, _ := try(context.Background(), nil, "completion", "bash")
	write(t, filepath.Join(dir, "script"), script)
	write(t, filepath.Join(dir, "pkg/main.go"), "package main\n")
	for _, test := range []struct{ words, want string }{
		{"letgo ex", "explain"},
		{"letgo -sh", "-shape"},
		{"letgo -gra", "-grade"},
		{"letgo -grade = r", "review"},
		{"letgo -grade s", "safe"},
		{"letgo -shape = hoist,si", "hoist,sink hoist,singleflight"},
		{"letgo help cond", "conditions"},
		{"letgo completion z", "zsh"},
		{"letgo -w ./", "./... ./pkg"},
		{"letgo -l pk", "pkg"},
		{"letgo -C pk", "pkg"},
		{"letgo -config scr", "script"},
		{"letgo -tags x", ""},
	} {
		words := strings.Fields(test.words)
		cmd := exec.Command(bash, "-c", `source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _letgo; echo "${COMPREPLY[*]}"`, "bash")
		cmd.Args = append(cmd.Args, words...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != test.want {
			t.Errorf("%s: %q, want %q (%v)", test.words, got, test.want, err)
		}
	}
}

// TestMan checks that the manual page has what the help has, and that a program for
// manual pages takes it without a warning where there is one.
func TestMan(t *testing.T) {
	status, page, stderr := try(context.Background(), nil, "help", "man")
	if status != app.ExitNone {
		t.Fatal(stderr)
	}
	for line := range strings.Lines(page) {
		macro := strings.TrimRight(strings.Fields(line + " x")[0], "\n")
		if strings.HasPrefix(line, ".") && !slices.Contains([]string{".TH", ".SH", ".TP", ".B", ".nf", ".fi"}, macro) || strings.HasPrefix(line, "'") {
			t.Errorf("a line that is not meant as a request: %s", line)
		}
	}
	for _, topic := range help.Topics() {
		if topic.Name != help.ManTopic && topic.Name != help.SchemaTopic && !strings.Contains(page, ".SH \""+strings.ToUpper(topic.Name)+"\"\n") {
			t.Errorf("no section %s", topic.Name)
		}
	}
	app.NewFlags(&app.Options{}, &app.RawFlags{}).VisitAll(func(f *flag.Flag) {
		if !strings.Contains(page, "\n.B \\-"+help.Roff(f.Name)) {
			t.Errorf("no flag -%s", f.Name)
		}
	})
	file := filepath.Join(t.TempDir(), "letgo.1")
	write(t, file, page)
	checkers := [][]string{{"mandoc", "-T", "lint", "-W", "error", file}, {"groff", "-man", "-ww", "-z", file}}
	tried := false
	for _, c := range checkers {
		path, err := exec.LookPath(c[0])
		if err != nil {
			continue
		}
		tried = true
		cmd := exec.Command(path, c[1:]...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", strings.Join(c, " "), err, out)
		}
	}
	if !tried {
		t.Log("neither mandoc nor groff is installed")
	}
}

// TestCommands checks that the usage has every command.
func TestCommands(t *testing.T) {
	for _, c := range app.Commands {
		if !strings.Contains(help.UsageText, "    letgo "+c.Name+" ") {
			t.Errorf("the usage lacks letgo %s", c.Name)
		}
	}
}
