package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
)

// A tool is one that is measured. None looks at test files: letgo does not.
type tool struct {
	name    string
	program string
	install string // how to get it
	args    []string
	cache   string // environment variable that names its cache, "" for none of its own
	done    []int  // exit statuses of a run that came to its end
	unique  string // flag that nothing but the cache depends on, for one that uses the go command's
	only    string // flag that keeps it to packages with a prefix
	version []string
}

const letgoName = "letgo -l"

// allTools lists those that are known, letgo first.
func allTools(letgo string) []tool {
	return []tool{
		{
			name: letgoName, program: letgo, install: "go install github.com/letgo-dev/letgo/cmd/letgo@latest",
			args: []string{"-l"}, cache: "LETGOCACHE", done: []int{0, 1},
		},
		{
			name: "letgo, with rewrites", program: letgo, install: "go install github.com/letgo-dev/letgo/cmd/letgo@latest",
			cache: "LETGOCACHE", done: []int{0, 1},
		},
		{
			name: "go vet", program: "go", install: "https://go.dev/doc/install",
			// It has no flag for test files. What it found is kept by its flags:
			// one that no other round has stands for an empty cache.
			args: []string{"vet"}, done: []int{0, 1}, unique: "-printf.funcs=",
		},
		{
			name: "staticcheck", program: "staticcheck", install: "go install honnef.co/go/tools/cmd/staticcheck@latest",
			args: []string{"-tests=false"}, cache: "STATICCHECK_CACHE", done: []int{0, 1}, version: []string{"-version"},
		},
		{
			name: "nilaway", program: "nilaway", install: "https://github.com/uber-go/nilaway#installation",
			args: []string{"-test=false"}, done: []int{0, 3}, only: "-include-pkgs=",
		},
		{
			name: "golangci-lint", program: "golangci-lint", install: "go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest",
			args: []string{"run", "--no-config", "--tests=false"}, cache: "GOLANGCI_LINT_CACHE", done: []int{0, 1}, version: []string{"version", "--short"},
		},
	}
}

// installed parts tools into those on PATH and those that are not.
func installed(all []tool) (there, missing []tool) {
	for _, t := range all {
		if _, err := exec.LookPath(t.program); err != nil {
			missing = append(missing, t)
		} else {
			there = append(there, t)
		}
	}
	return there, missing
}

// command returns the arguments of a tool on a module.
func (t tool) command(m *module, cache string) []string {
	args := slices.Clone(t.args)
	if t.unique != "" {
		args = append(args, t.unique+unique(cache))
	}
	if t.only != "" && m.path != "" {
		args = append(args, t.only+m.path)
	}
	return append(args, m.packages...)
}

// unique makes a name of a function out of that of a directory which no other
// run has.
func unique(dir string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, dir)
}

// versions lists the tools that tell their version.
func versions(tools []tool) string {
	var list []string
	for _, t := range tools {
		if t.version == nil {
			continue
		}
		out, err := exec.Command(t.program, t.version...).Output()
		line, _, _ := bytes.Cut(out, []byte("\n"))
		if err == nil {
			list = append(list, strings.TrimSpace(t.name+" "+strings.TrimPrefix(string(line), t.name+" ")))
		}
	}
	return strings.Join(list, ", ")
}
