package main

import (
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
// however long its names are, and that it says how many questions there are.
func TestFindingSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	deep := "internal/reverseproxy/upstreams/registrations/registrations_of_upstream_servers.go"
	write(t, filepath.Join(dir, deep), longNames)
	for _, args := range [][]string{{"-C", dir}, {"-C", "../../testdata/service"}} {
		_, _, stderr := try(t.Context(), nil, append(args, "-all", "-unsure", "./...")...)
		found, lines := 0, 0
		for line := range strings.Lines(stderr) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > 100 && !strings.Contains(line, "letgo explain "+deep) {
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
		if args[1] == dir && !strings.Contains(stderr, "questions): ") {
			t.Errorf("it is not said how many questions there are:\n%s", stderr)
		}
	}
}
