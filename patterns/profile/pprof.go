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

// readPprof reads a mutex or block profile. The two have the same format, and the innermost
// function of a sample tells them apart.
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

// uncompressed returns data, after uncompressing it if it is in gzip format.
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

// kindOf describes a profile that is not a mutex or block profile.
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

// stackOf returns the functions on a stack, innermost first.
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

// isRelease reports whether a symbol is a function of package sync that releases a lock.
func isRelease(symbol string) bool {
	s := parseSymbol(symbol)
	return syncPackages[s.pkg] && slices.Contains([]string{"Unlock", "RUnlock", "unlockSlow", "rUnlockSlow"}, s.base())
}

// isAcquire reports whether a symbol is a function of package sync that acquires a lock.
func isAcquire(symbol string) bool {
	s := parseSymbol(symbol)
	return syncPackages[s.pkg] && slices.Contains([]string{"Lock", "RLock", "lockSlow"}, s.base())
}

// isRuntimeLock reports whether a symbol stands for locks internal to the runtime, which no
// section of a Go program holds.
func isRuntimeLock(symbol string) bool {
	return strings.HasPrefix(symbol, "runtime.unlock") || strings.HasPrefix(symbol, "runtime._Lost")
}

// syncPackages are the packages that implement locks.
var syncPackages = map[string]bool{"sync": true, "internal/sync": true}
