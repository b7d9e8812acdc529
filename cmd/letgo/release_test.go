package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/internal/longtest"
	"go.yaml.in/yaml/v4"
)

// readYAML reads a file at the top of the module. A field that the type does not
// have is an error.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// TestPreCommitHook checks that the hook names a command of this module and flags
// that go together.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Language, Entry string
		Args, Types                            []string
		PassFilenames                          bool `yaml:"pass_filenames"`
	}
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 {
		t.Fatalf("%d hooks", len(hooks))
	}
	h := hooks[0]
	if _, err := os.Stat(filepath.Join("..", h.Entry, "main.go")); err != nil || h.Language != "golang" || h.PassFilenames {
		t.Errorf("%+v: %v", h, err)
	}
	if o, err := app.ParseArgs(h.Args); err != nil || !o.List || o.NewFrom == "" {
		t.Errorf("%q: %v", h.Args, err)
	}
}

// An action is action.yml.
type action struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, ID, Shell, Run string
			Dir                  string `yaml:"working-directory"`
			Env                  map[string]string
		}
	}
}

// TestAction runs the steps of the GitHub action in bash as they are, with a letgo
// that says how it was called.
func TestAction(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	var a action
	readYAML(t, "action.yml", &a)
	text, _ := os.ReadFile("../../action.yml")
	for _, m := range regexp.MustCompile(`\$\{\{ inputs\.([\w-]+) \}\}`).FindAllStringSubmatch(string(text), -1) {
		if _, ok := a.Inputs[m[1]]; !ok {
			t.Errorf("there is no input %s", m[1])
		}
	}
	build, run := a.Runs.Steps[0], a.Runs.Steps[1]
	if a.Runs.Using != "composite" || build.Shell != "bash" || run.Shell != "bash" || !strings.HasSuffix(build.Run, " ./cmd/letgo") {
		t.Errorf("%+v", a.Runs)
	}
	for _, test := range []struct {
		env    string // the inputs that are not the default
		ends   int    // status of letgo
		args   string
		status int
		found  string
	}{
		{"", 0, "-l ./...", 0, "findings=false"},
		{"", 1, "-l ./...", 1, "findings=true"},
		{"", 2, "-l ./...", 2, ""},
		{"FAIL=false", 1, "-l ./...", 0, "findings=true"},
		{"FAIL=false", 2, "-l ./...", 2, ""},
		{"REVISION=origin/main", 0, "-l -new-from-rev=origin/main ./...", 0, "findings=false"},
		{"FLAGS=-tests -all", 0, "-l -tests -all ./...", 0, "findings=false"},
		{"SARIF=out.sarif", 1, "-sarif ./...", 1, "findings=true"},
		{"PACKAGES=./a ./$(touch${IFS}evil)", 0, "-l ./a ./$(touch${IFS}evil)", 0, "findings=false"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "letgo/letgo"), "#!/bin/sh\necho \"$@\" >args\nexit "+string(rune('0'+test.ends))+"\n")
		os.Chmod(filepath.Join(dir, "letgo/letgo"), 0o777)
		// As GitHub runs it.
		cmd := exec.Command(bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", run.Run)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "RUNNER_TEMP="+dir, "GITHUB_OUTPUT="+filepath.Join(dir, "output"),
			"PACKAGES=./...", "FLAGS=", "REVISION=", "SARIF=", "FAIL=true", test.env)
		out, _ := cmd.CombinedOutput()
		args, _ := os.ReadFile(filepath.Join(dir, "args"))
		output, _ := os.ReadFile(filepath.Join(dir, "output"))
		if got := strings.TrimSpace(string(args)); got != test.args {
			t.Errorf("%s: called with %q, want %q", test.env, got, test.args)
		}
		if _, err := app.ParseArgs(strings.Fields(test.args)); err != nil {
			t.Errorf("%s: %v", test.args, err)
		}
		if status := cmd.ProcessState.ExitCode(); status != test.status || strings.TrimSpace(string(output)) != test.found {
			t.Errorf("%s: status %d, output %q\n%s", test.env, status, output, out)
		}
		if _, err := os.Stat(filepath.Join(dir, "evil")); err == nil {
			t.Error("an input is run")
		}
	}
}

// TestRelease checks that what goreleaser is told to build and to run is there, and
// that what it is told to run makes the files that it packs.
func TestRelease(t *testing.T) {
	var r struct {
		Version int
		Project string `yaml:"project_name"`
		Before  struct{ Hooks []string }
		Builds  []struct {
			ID, Main, Binary                  string
			Env, Flags, Ldflags, Goos, Goarch []string
			ModTimestamp                      string `yaml:"mod_timestamp"`
		}
		Archives []struct {
			Formats   []string
			Overrides []struct {
				Goos    string
				Formats []string
			} `yaml:"format_overrides"`
			Files []string
		}
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
		}
		Changelog struct{ Use string }
	}
	readYAML(t, ".goreleaser.yaml", &r)
	if r.Version != 2 || len(r.Builds) != 2 {
		t.Fatalf("%+v", r)
	}
	for i, name := range []string{"letgo", "letgo-mcp"} {
		b := r.Builds[i]
		if _, err := os.Stat(filepath.Join("../..", b.Main, "main.go")); err != nil || b.ID != name || b.Binary != name || b.Main != "./cmd/"+name || len(b.Goos) == 0 {
			t.Errorf("%+v: %v", b, err)
		}
	}
	made := make(map[string]bool)
	command := regexp.MustCompile(`^sh -c "go run ./cmd/letgo ([a-z ]+) >(release/[\w.]+)"$`)
	for _, h := range r.Before.Hooks {
		m := command.FindStringSubmatch(h)
		if m == nil {
			if h != "mkdir -p release" {
				t.Errorf("the hook %s is of no known kind", h)
			}
			continue
		}
		if status, out, stderr := try(t.Context(), nil, strings.Fields(m[1])...); status != app.ExitNone || out == "" {
			t.Errorf("%s: %s", h, stderr)
		}
		made[m[2]] = true
	}
	if len(made) != 4 {
		t.Errorf("%d files are made", len(made))
	}
	for _, f := range r.Archives[0].Files {
		there, _ := filepath.Glob(filepath.Join("../..", f))
		for name := range made {
			if ok, _ := path.Match(f, name); ok {
				there = append(there, name)
			}
		}
		if len(there) == 0 {
			t.Errorf("nothing makes %s", f)
		}
	}
}

// TestDependencies logs of which dependencies there are newer versions. It needs the
// network.
func TestDependencies(t *testing.T) {
	longtest.Skip(t, "asks a module proxy")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-u", "-f", "{{with .Update}}{{$.Path}} {{$.Version}}, newest {{.Version}}{{if $.Indirect}} (indirect){{end}}{{end}}", "all")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("the go command cannot say it: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.TrimSpace(line) != "" {
			t.Log(strings.TrimSpace(line))
		}
	}
}
