package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// longNames is a section whose place, lock, call and questions are all long.
const longNames = `package registrations

import (
	"net/http"
	"sync"
)

type RegistrationsOfUpstreamServers struct {
	registrationsMutex    sync.Mutex
	registrationsByServer map[string]*http.Response
	beforeEachRegistration, afterEachRegistration, onEachFailure func(string) error
}

func (r *RegistrationsOfUpstreamServers) RegisterUpstreamServer(addressOfTheServer string) error {
	r.registrationsMutex.Lock()
	defer r.registrationsMutex.Unlock()
	if _, alreadyRegistered := r.registrationsByServer[addressOfTheServer]; alreadyRegistered {
		return nil
	}
	if err := r.beforeEachRegistration(addressOfTheServer); err != nil {
		return err
	}
	responseOfTheUpstreamServer, err := r.requestRegistrationFromServer(addressOfTheServer)
	if err != nil {
		return err
	}
	r.registrationsByServer[addressOfTheServer] = responseOfTheUpstreamServer
	return nil
}

func (r *RegistrationsOfUpstreamServers) requestRegistrationFromServer(address string) (*http.Response, error) {
	if err := r.onEachFailure(address); err != nil {
		return nil, err
	}
	return http.Get(address)
}

func (r *RegistrationsOfUpstreamServers) Forget(address string) {
	r.registrationsMutex.Lock()
	defer r.registrationsMutex.Unlock()
	delete(r.registrationsByServer, address)
}
`

// TestFindingSize checks that a finding takes six lines of a hundred columns at most,
// however long its names are, that it says how many questions there are, and that at
// least one of them is shown with its condition.
func TestFindingSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	deep := "internal/reverseproxy/upstreams/registrations/registrations_of_upstream_servers.go"
	write(t, filepath.Join(dir, deep), longNames)
	for _, args := range [][]string{{"-C", dir}, {"-C", "../../testdata/service"}} {
		_, _, stderr := try(t.Context(), nil, append(args, "-all", "-unsure", "./...")...)
		found, lines, asked, offered := 0, 0, 0, 0
		for line := range strings.Lines(stderr) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "  check: ") {
				asked++
			}
			if strings.Contains(line, " question") && strings.Contains(line, " (review, ") {
				offered++
			}
			if n := utf8.RuneCountInString(line); n > 100 && !strings.HasPrefix(line, "  letgo ") {
				t.Errorf("%d columns: %s", n, line)
			}
			switch {
			case strings.Contains(line, ".go:") && !strings.HasPrefix(line, " "):
				found, lines = found+1, 1
			case line == "":
				lines = 0
			case lines > 0:
				if lines++; lines == 7 {
					t.Errorf("a finding has more than 6 lines:\n%s", stderr)
				}
			}
		}
		if found == 0 {
			t.Errorf("no findings:\n%s", stderr)
		}
		if asked < offered || strings.Count(stderr, "more question") == asked {
			t.Errorf("there are %d rewrites with questions, and %d of those are shown:\n%s", offered, asked, stderr)
		}
		if args[1] == dir && !strings.Contains(stderr, "questions): ") {
			t.Errorf("it is not said how many questions there are:\n%s", stderr)
		}
	}
}

// TestEvidenceAddsUp checks that the weights of the evidence that is shown add up to the
// score that is shown.
func TestEvidenceAddsUp(t *testing.T) {
	t.Parallel()
	_, stdout, stderr := try(t.Context(), nil, "-C", "../../testdata/service", "-json", "-all", "./...")
	var out struct {
		Findings []struct {
			Message string
			Verdict struct {
				Score    int
				Evidence []struct{ Weight int }
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &out); err != nil || len(out.Findings) == 0 {
		t.Fatalf("%v\n%s", err, stderr)
	}
	for _, f := range out.Findings {
		sum := 0
		for _, e := range f.Verdict.Evidence {
			sum += e.Weight
		}
		if sum != f.Verdict.Score {
			t.Errorf("%s: the evidence adds up to %d, and the score is %d", f.Message, sum, f.Verdict.Score)
		}
	}
}

func TestShortInText(t *testing.T) {
	for text, want := range map[string]string{
		"(*net/http.Client).Do at lib/a.b/c.go:12 and/or x/y": "(*http.Client).Do at lib/a.b/c.go:12 and/or x/y",
		"example.com/shop/v2.Ask can now run (../z/z_x.go:3)": "v2.Ask can now run (../z/z_x.go:3)",
	} {
		if got := shortInText(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
