// Package proftest makes mutex and block profiles for tests from text.
package proftest

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Encode returns the profile described by text. A sample is a line with the delay and the number of
// waits, followed by an indented line for each function on the stack, innermost first: symbol, file
// and line, and the line at which the function begins, or 0 if unknown.
//
//	1.8s 3204
//	  sync.(*Mutex).Unlock sync/mutex.go:65 64
//	  example.com/m.(*T).Put p.go:12 8
func Encode(text string) ([]byte, error) {
	p := &profile.Profile{
		PeriodType: &profile.ValueType{Type: "contentions", Unit: "count"},
		Period:     1,
		SampleType: []*profile.ValueType{{Type: "contentions", Unit: "count"}, {Type: "delay", Unit: "nanoseconds"}},
	}
	for line := range strings.Lines(text) {
		var err error
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(line, "#"):
		case !strings.HasPrefix(line, " ") && len(fields) == 2:
			err = addSample(p, fields)
		case len(fields) >= 3 && len(p.Sample) > 0:
			err = addFrame(p, fields)
		default:
			err = fmt.Errorf("neither a sample nor a function")
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
	}
	var b bytes.Buffer
	err := p.Write(&b)
	return b.Bytes(), err
}

func addSample(p *profile.Profile, fields []string) error {
	delay, err := time.ParseDuration(fields[0])
	if err != nil {
		return err
	}
	count, err := strconv.ParseInt(fields[1], 10, 64)
	p.Sample = append(p.Sample, &profile.Sample{Value: []int64{count, int64(delay)}})
	return err
}

func addFrame(p *profile.Profile, fields []string) error {
	n := len(fields) - 2 // a symbol may contain spaces
	name := strings.Join(fields[:n], " ")
	file, number, _ := strings.Cut(fields[n], ":")
	line, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return err
	}
	start, err := strconv.ParseInt(fields[n+1], 10, 64)
	if err != nil {
		return err
	}
	id := uint64(len(p.Function) + 1)
	f := &profile.Function{ID: id, Name: name, SystemName: name, Filename: file, StartLine: start}
	l := &profile.Location{ID: id, Line: []profile.Line{{Function: f, Line: line}}}
	p.Function, p.Location = append(p.Function, f), append(p.Location, l)
	s := p.Sample[len(p.Sample)-1]
	s.Location = append(s.Location, l)
	return nil
}
