package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A delay is the distribution of how long a validation takes, and of how often
// it fails. Its text is a list, as in
//
//	fixed=10ms
//	lognormal=10ms/0.5,stragglers=200ms@1%,errors=2%
//
// where lognormal gives the median and sigma, stragglers how long some of them
// take and how many, and errors how many are answered with status 503.
type delay struct {
	median    time.Duration
	sigma     float64 // 0: fixed
	straggler time.Duration
	straggle  float64 // share of stragglers
	errors    float64 // share of errors
}

// UnmarshalText parses a distribution.
func (d *delay) UnmarshalText(text []byte) error {
	var out delay
	for part := range strings.SplitSeq(string(text), ",") {
		kind, value, _ := strings.Cut(part, "=")
		var err error
		switch kind {
		case "fixed":
			out.median, err = time.ParseDuration(value)
		case "lognormal":
			median, sigma, _ := strings.Cut(value, "/")
			if out.median, err = time.ParseDuration(median); err == nil {
				out.sigma, err = strconv.ParseFloat(sigma, 64)
			}
		case "stragglers":
			long, share, _ := strings.Cut(value, "@")
			if out.straggler, err = time.ParseDuration(long); err == nil {
				out.straggle, err = parseShare(share)
			}
		case "errors":
			out.errors, err = parseShare(value)
		default:
			return fmt.Errorf("%q is no delay: want fixed=10ms, lognormal=10ms/0.5, stragglers=200ms@1%% or errors=1%%", part)
		}
		if err != nil {
			return fmt.Errorf("delay %q: %w", part, err)
		}
	}
	if out.median < 0 || out.straggler < 0 || !(out.sigma >= 0 && out.sigma <= 10) {
		return fmt.Errorf("delay %q: out of range", text)
	}
	*d = out
	return nil
}

func parseShare(s string) (float64, error) {
	number, ok := strings.CutSuffix(s, "%")
	x, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !ok:
		return 0, fmt.Errorf("%q is no percentage", s)
	case !(x >= 0 && x <= 100):
		return 0, fmt.Errorf("%q is not between 0%% and 100%%", s)
	}
	return x / 100, nil
}

// MarshalText gives the text that UnmarshalText parses.
func (d delay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d delay) String() string {
	parts := []string{"fixed=" + d.median.String()}
	if d.sigma > 0 {
		parts[0] = fmt.Sprintf("lognormal=%v/%v", d.median, d.sigma)
	}
	if d.straggle > 0 {
		parts = append(parts, fmt.Sprintf("stragglers=%v@%v%%", d.straggler, 100*d.straggle))
	}
	if d.errors > 0 {
		parts = append(parts, fmt.Sprintf("errors=%v%%", 100*d.errors))
	}
	return strings.Join(parts, ",")
}

// draw gives the same answer for the same seed: how long one validation takes,
// and whether it fails.
func (d delay) draw(seed uint64) (time.Duration, bool) {
	r := rand.New(rand.NewPCG(seed, 0x6c6574676f))
	fails := r.Float64() < d.errors
	wait := d.median
	if d.sigma > 0 {
		wait = time.Duration(float64(wait) * math.Exp(d.sigma*r.NormFloat64()))
	}
	if r.Float64() < d.straggle {
		wait = d.straggler
	}
	return wait, fails
}

// quantiles are those of the distribution itself, drawn often and sorted.
func (d delay) quantiles(ps ...float64) []time.Duration {
	const draws = 100_000
	all := make([]time.Duration, draws)
	for i := range all {
		all[i], _ = d.draw(uint64(i))
	}
	slices.Sort(all)
	out := make([]time.Duration, len(ps))
	for i, p := range ps {
		out[i] = all[min(draws-1, int(p/100*draws))]
	}
	return out
}
