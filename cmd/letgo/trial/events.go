package trial

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// An event is one line of go test -json.
type event struct {
	Action, Package, Test, Output string
	ImportPath                    string // of what is built
	FailedBuild                   string
	Elapsed                       float64
}

// A testID is a test, or a package if the test is "".
type testID struct{ pkg, test string }

// A testLog is what go test -json says.
type testLog struct {
	said    map[testID]string // the first telling line of a test or package
	built   map[string]string // and of a build
	running map[testID]bool
	failed  []Failure // tests
	dead    []Failure // packages
	slowest time.Duration
	cached  bool
}

// read reads the output of go test -json. Packages run at once, so what fails is put
// in their order.
func (o *outcome) read(text []byte) {
	l := &testLog{said: make(map[testID]string), built: make(map[string]string), running: make(map[testID]bool)}
	for line := range bytes.Lines(text) {
		var e event
		if json.Unmarshal(line, &e) == nil { // a test may print past its output
			l.add(e)
		}
	}
	for _, p := range l.dead {
		l.open(p)
	}
	o.failed = leaves(l.failed)
	for _, p := range l.dead {
		if !slices.ContainsFunc(o.failed, func(f Failure) bool { return f.Package == p.Package }) {
			o.failed = append(o.failed, p)
		}
	}
	slices.SortStableFunc(o.failed, func(a, b Failure) int { return strings.Compare(a.Package, b.Package) })
	o.slowest, o.cached = l.slowest, l.cached
}

// add reads one line.
func (l *testLog) add(e event) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "output":
		l.said[id] = withMore(l.said[id], e.Output)
		l.cached = l.cached || e.Test == "" && strings.HasPrefix(e.Output, "ok  ") && strings.Contains(e.Output, "(cached)")
	case "build-output":
		l.built[e.ImportPath] = cmp.Or(l.built[e.ImportPath], telling(strings.TrimPrefix(e.Output, "# "+e.ImportPath)))
	case "run", "cont":
		l.running[id] = e.Test != ""
	case "fail":
		f := Failure{Package: e.Package, Test: e.Test, Message: cmp.Or(l.said[id], l.built[e.FailedBuild])}
		if e.Test == "" {
			l.dead = append(l.dead, f)
		} else {
			l.failed = append(l.failed, f)
		}
	}
	if slices.Contains([]string{"pass", "fail", "skip", "pause"}, e.Action) {
		delete(l.running, id)
	}
	if e.Test == "" {
		l.slowest = max(l.slowest, time.Duration(e.Elapsed*float64(time.Second)))
	}
}

// open makes the tests of a package that have not ended failed ones: they were ended
// with their process, after a timeout for instance.
func (l *testLog) open(p Failure) {
	var open []Failure
	for id := range l.running {
		if id.pkg == p.Package {
			open = append(open, Failure{Package: id.pkg, Test: id.test, Message: cmp.Or(l.said[id], p.Message)})
		}
	}
	slices.SortFunc(open, compareFailures)
	l.failed = append(l.failed, open...)
}
