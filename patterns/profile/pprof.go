package profile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// readPprof reads a mutex or a block profile. The two have the same form; which of them
// a sample is from, its innermost function says.
func (p *Profile) readPprof(data []byte) error {
	data, err := uncompressed(data)
	if err != nil {
		return err
	}
	prof, err := profile.ParseUncompressed(data)
	if err != nil {
		return errors.New("it is neither a profile nor a trace of a Go program")
	}
	count, delay := typeIndex(prof, "contentions"), typeIndex(prof, "delay")
	if count < 0 || delay < 0 {
		return fmt.Errorf("it is %s: want a mutex or block profile (go test -mutexprofile, /debug/pprof/mutex) or a trace", kindOf(prof))
	}
	if unit := prof.SampleType[delay].Unit; unit != "nanoseconds" {
		return fmt.Errorf("its delays are in %s, and should be in nanoseconds", printable(unit))
	}
	for _, s := range prof.Sample {
		sample := &Sample{Stack: stackOf(s), Count: s.Value[count], Time: time.Duration(s.Value[delay])}
		switch inner := innermost(sample.Stack); {
		case sample.Time < 0 || sample.Count < 0 || inner == "":
		case isRuntimeLock(inner):
		case isRelease(inner):
			p.Released = append(p.Released, sample)
		default:
			p.Waited = append(p.Waited, sample)
		}
	}
	if len(prof.Sample) > 0 && p.Empty() && !slices.ContainsFunc(prof.Function, func(f *profile.Function) bool { return f.Name != "" }) {
		return errors.New("it has no function names: run go tool pprof -proto on the binary and the profile first")
	}
	p.Released, p.Waited = add(p.Released), add(p.Waited)
	return nil
}

// uncompressed returns the content of a file that may be compressed.
func uncompressed(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, MaxProfile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is damaged or not complete: %w", err)
	case len(out) > MaxProfile:
		return nil, fmt.Errorf("it has more than %d bytes uncompressed", MaxProfile)
	}
	return out, nil
}

func typeIndex(prof *profile.Profile, name string) int {
	return slices.IndexFunc(prof.SampleType, func(t *profile.ValueType) bool { return t.Type == name })
}

// kindOf says what a profile of another kind is.
func kindOf(prof *profile.Profile) string {
	var names []string
	for _, t := range prof.SampleType {
		names = append(names, printable(t.Type))
	}
	switch {
	case slices.Contains(names, "cpu"):
		return "a CPU profile"
	case slices.Contains(names, "inuse_space"):
		return "a memory profile"
	case slices.Contains(names, "goroutine"):
		return "a goroutine profile"
	}
	return fmt.Sprintf("a profile of %s", strings.Join(names, ", "))
}

// stackOf lists the functions on a stack, the innermost first.
func stackOf(s *profile.Sample) []Frame {
	var out []Frame
	for _, l := range s.Location {
		for _, line := range l.Line {
			if f := line.Function; f != nil {
				out = append(out, Frame{printable(f.Name), printable(f.Filename), int(line.Line), int(f.StartLine)})
			}
		}
	}
	return out
}

// innermost returns the symbol of the innermost function, or "".
func innermost(stack []Frame) string {
	if len(stack) == 0 {
		return ""
	}
	return stack[0].Func
}

// isRelease reports whether a function of package sync ends a critical section.
func isRelease(symbol string) bool {
	s := parseSymbol(symbol)
	return syncPackages[s.pkg] && slices.Contains([]string{"Unlock", "RUnlock", "unlockSlow", "rUnlockSlow"}, s.base())
}

// isAcquire reports whether a function of package sync begins one.
func isAcquire(symbol string) bool {
	s := parseSymbol(symbol)
	return syncPackages[s.pkg] && slices.Contains([]string{"Lock", "RLock", "lockSlow"}, s.base())
}

// isRuntimeLock reports whether a function releases a lock of the runtime itself: no
// section of a Go program.
func isRuntimeLock(symbol string) bool {
	return strings.HasPrefix(symbol, "runtime.unlock") || strings.HasPrefix(symbol, "runtime._Lost")
}

// syncPackages implement locks.
var syncPackages = map[string]bool{"sync": true, "internal/sync": true}
