// Package profile reads mutex profiles, block profiles and execution traces of Go programs. It
// assigns the delay in them to the critical sections of a checkout, which may be somewhat newer
// or older than the program that ran.
package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/letgo-dev/letgo/patterns/config"
)

// A Profile has the waits recorded in one file.
type Profile struct {
	Name string // of the file, as passed to Read

	// Released has the stacks of goroutines that released a lock, with the time that others
	// had waited for it.
	Released []*Sample

	// Waited has the stacks of goroutines that waited for a lock or a channel or, in traces,
	// for the network, a timer or a system call.
	Waited []*Sample
}

// A Sample is a stack with the total of its waits.
type Sample struct {
	Stack []Frame // innermost function first, including inlined functions
	Time  time.Duration
	Count int64

	each []time.Duration // the single waits, if known
}

// A Frame is one function on a stack.
type Frame struct {
	Func  string // its symbol: "example.com/shop.(*Store).Get.func1"
	File  string // as the compiler recorded it
	Line  int    // current line
	Start int    // line at which the function begins; 0 if unknown
}

// MaxFile is the maximum size of a file, in bytes; a trace of that size has about ten million
// events. MaxProfile is the limit for an uncompressed mutex or block profile; those of large
// services have less than a million bytes.
const (
	MaxFile    = 256 << 20
	MaxProfile = 64 << 20
)

// traceHeader begins every execution trace.
const traceHeader = "go 1."

// Read reads a profile or a trace. If the file is something else, the error says what.
func Read(name string) (*Profile, error) {
	data, err := config.ReadFile(name, MaxFile)
	if err != nil {
		return nil, err
	}
	p := &Profile{Name: name}
	switch {
	case len(data) == 0:
		err = errors.New("the file is empty: did the program end before it was written?")
	case bytes.HasPrefix(data, []byte(traceHeader)):
		err = guarded(func() error { return p.readTrace(bytes.NewReader(data)) })
	case bytes.HasPrefix(data, []byte("--- ")):
		err = errors.New("it is a profile in text form: fetch it without ?debug=1")
	default:
		err = guarded(func() error { return p.readPprof(data) })
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// guarded turns a panic of a parser into an error, since files may be malformed.
func guarded(read func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("it is damaged: %v", v)
		}
	}()
	return read()
}

// Empty reports whether the profile has no waits.
func (p *Profile) Empty() bool { return len(p.Released)+len(p.Waited) == 0 }

// add merges samples with the same stack and sorts them by time, longest first.
func add(samples []*Sample) []*Sample {
	var out []*Sample
	byStack := make(map[string]*Sample)
	for _, s := range samples {
		key := fmt.Sprint(s.Stack)
		if known := byStack[key]; known != nil {
			known.Time += s.Time
			known.Count += s.Count
			known.each = append(known.each, s.each...)
			continue
		}
		byStack[key] = s
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b *Sample) int { return cmp.Compare(b.Time, a.Time) })
	return out
}

// printable removes nonprintable characters from a name.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
}
