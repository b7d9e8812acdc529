package load

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// TestReleases checks that the newest release is the version that this module itself is
// tested with.
func TestReleases(t *testing.T) {
	sums, err := os.ReadFile(filepath.Join("..", "..", "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	r := releases[0]
	for _, line := range []string{
		r.module + " " + r.version + " " + r.sum + "\n",
		r.module + " " + r.version + "/go.mod " + r.modSum + "\n",
	} {
		if !strings.Contains(string(sums), line) {
			t.Errorf("go.sum has no line %q: bring the release up to date", line)
		}
	}
}

// TestReleasesPublished compares the releases with the published ones: their checksums and
// Go versions, and that each is the last one for its Go version. A successor of the newest
// release is only logged, since this module must be tested with it first.
func TestReleasesPublished(t *testing.T) {
	longtest.Skip(t, "downloads modules")
	const path = "golang.org/x/sync"
	out, err := exec.Command("go", "list", "-m", "-versions", "-f", `{{join .Versions " "}}`, path).Output()
	if err != nil {
		t.Skipf("the versions cannot be listed: %v", err)
	}
	newest := make(map[string]string) // by Go version
	for _, v := range strings.Fields(string(out)) {
		if semver.Compare(v, releases[len(releases)-1].version) < 0 {
			continue
		}
		goVersion, sum, modSum := published(t, path+"@"+v)
		newest[goVersion] = v
		for _, r := range releases {
			if r.version == v && (r.goVersion != goVersion || r.sum != sum || r.modSum != modSum) {
				t.Errorf("%s: have %s, %s, %s; published are %s, %s, %s", v, r.goVersion, r.sum, r.modSum, goVersion, sum, modSum)
			}
		}
	}
	for i, r := range releases {
		switch n := newest[r.goVersion]; {
		case n == r.version:
		case i == 0:
			t.Logf("%s has a newer release, %s", path, n)
		default:
			t.Errorf("for Go %s there is %s, and not only %s", r.goVersion, n, r.version)
		}
		delete(newest, r.goVersion)
	}
	for goVersion, v := range newest {
		t.Logf("%s %s is for Go %s", path, v, goVersion)
	}
}

// published downloads a version of a module.
func published(t *testing.T, version string) (goVersion, sum, modSum string) {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", version)
	cmd.Dir = t.TempDir() // outside any module
	out, err := cmd.Output()
	var m struct{ GoMod, Sum, GoModSum string }
	if err != nil || json.Unmarshal(out, &m) != nil {
		t.Skipf("%s cannot be downloaded: %v", version, err)
	}
	text, err := os.ReadFile(m.GoMod)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax(m.GoMod, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mod.Go.Version, m.Sum, m.GoModSum
}

func TestReleaseFor(t *testing.T) {
	for _, test := range []struct{ goLine, want string }{
		{"go 1.26.0", "v0.25.0"},
		{"go 1.27", "v0.25.0"},
		{"go 1.26rc1", "v0.22.0"},
		{"go 1.26", "v0.22.0"}, // the language version is older than the release
		{"go 1.25.0", "v0.22.0"},
		{"go 1.25", "v0.19.0"},
		{"go 1.24.3", "v0.19.0"},
		{"go 1.24", "v0.16.0"},
		{"go 1.23.0", "v0.16.0"},
		{"go 1.23", "v0.11.0"},
		{"go 1.18", "v0.11.0"},
		{"go 1.17", ""},
		{"", ""},
	} {
		mod, err := modfile.Parse("go.mod", []byte("module m\n\n"+test.goLine+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := releaseFor("golang.org/x/sync/singleflight", mod)
		if r.version != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: got %s, %v; want %s", test.goLine, r.version, err, test.want)
		}
	}
}

// TestRequire requires a package that go.mod may not provide.
func TestRequire(t *testing.T) {
	const flight = "golang.org/x/sync/singleflight"
	const head = "module example.com/m\n\ngo 1.26.0\n"
	const sums = "golang.org/x/sync v0.25.0 h1:dJnifr0nMV8/SBnBvdo4eSGGnrc3O4FFx6IqvtLcmRs=\n" +
		"golang.org/x/sync v0.25.0/go.mod h1:sUUOizhqBxiL6pEWpqNLUiaJn1ShEbZ6BBqskPbjZm0=\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		work  bool
		want  map[string]string // the changed files; nil if nothing is missing
		fail  string            // part of the error
	}{
		{name: "added", want: map[string]string{
			"go.mod": head + "\nrequire golang.org/x/sync v0.25.0\n", "go.sum": sums,
		}},
		{
			name:  "in order",
			files: map[string]string{"go.sum": "a.example/x v1.0.0 h1:x=\nz.example/x v1.0.0 h1:x=\n"},
			want: map[string]string{
				"go.mod": head + "\nrequire golang.org/x/sync v0.25.0\n",
				"go.sum": "a.example/x v1.0.0 h1:x=\n" + sums + "z.example/x v1.0.0 h1:x=\n",
			},
		},
		{name: "there", files: map[string]string{"go.mod": head + "\nrequire golang.org/x/sync v0.25.0\n"}},
		{
			name:  "indirect",
			files: map[string]string{"go.mod": head + "\nrequire golang.org/x/sync v0.25.0 // indirect\n"},
			want:  map[string]string{"go.mod": head + "\nrequire golang.org/x/sync v0.25.0\n"},
		},
		{name: "vendor", files: map[string]string{"vendor/modules.txt": ""}, fail: "vendor directory"},
		{name: "workspace", files: map[string]string{"go.work": "go 1.26.0\n\nuse .\n"}, work: true, fail: "workspace"},
		{name: "old", files: map[string]string{"go.mod": "module example.com/m\n\ngo 1.15\n"}, fail: "no version of it is known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			files := map[string]string{"go.mod": head, "p.go": "package p\n"}
			for name, text := range test.files {
				files[name] = text
			}
			for name, text := range files {
				name = filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			work := "GOWORK=off"
			if test.work {
				work = "GOWORK=" + filepath.Join(dir, "go.work")
			}
			env := append(os.Environ(), "GOFLAGS=", work, "GOPROXY=off", "GOTOOLCHAIN=local")
			res, ok := Sources(Config{Dir: dir, Env: env}, nil, ".")
			if !ok {
				t.Fatal("it cannot be loaded from source")
			}
			req, err := res.Packages[0].Require(flight)
			if test.fail == "" && err == nil && test.name == "added" {
				if q, err := res.Packages[0].Importer.Import(flight); err != nil || q.Scope().Lookup("Group") == nil {
					t.Errorf("%s cannot be imported: %v", flight, err)
				}
			}
			said := err
			if res, err = Load(Config{Dir: dir, Env: env}, "."); err != nil {
				t.Fatal(err)
			}
			p := res.Packages[0]
			if req, err = p.Require(flight); fmt.Sprint(err) != fmt.Sprint(said) {
				t.Errorf("the error is %v, and %v of what is loaded from source", err, said)
			}
			if test.fail != "" {
				if err == nil || !strings.Contains(err.Error(), test.fail) || !strings.Contains(err.Error(), "go get golang.org/x/sync") {
					t.Fatalf("the error is %v, want one with %q", err, test.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.want == nil {
				if req != nil {
					t.Errorf("something is missing: %+v", req)
				}
				return
			}
			for _, f := range req.Files {
				if got, want := string(f.Content), test.want[filepath.Base(f.File.Name)]; got != want {
					t.Errorf("%s becomes\n%s\nwant\n%s", filepath.Base(f.File.Name), got, want)
				}
			}
			if len(req.Files) != len(test.want) {
				t.Errorf("%d files change, want %d", len(req.Files), len(test.want))
			}
			if test.name == "added" {
				if q, err := p.Importer.Import(flight); err != nil || q.Scope().Lookup("Group") == nil {
					t.Errorf("%s cannot be imported: %v", flight, err)
				}
				if _, err := os.Stat(filepath.Join(dir, "go.sum")); err == nil {
					t.Error("go.sum was written")
				}
			}
		})
	}
}
