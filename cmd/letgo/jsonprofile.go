package main

import (
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/profile"
)

// The parts of -json that come from profiles. Times are in seconds.
type (
	jsonDelay struct {
		Text      string  `json:"text"`
		Measure   string  `json:"measure"`
		Seconds   float64 `json:"seconds"`
		All       float64 `json:"all"`
		Waits     int64   `json:"waits"`
		P99       float64 `json:"p99"`
		Held      float64 `json:"held"`
		HeldWaits int64   `json:"heldWaits"`
		Shared    bool    `json:"shared"`
	}
	jsonProfile struct {
		Files         []string     `json:"files"`
		Mutex         float64      `json:"mutex"`
		Lock          float64      `json:"lock"`
		Elsewhere     float64      `json:"elsewhere"`
		Unmapped      float64      `json:"unmapped"`
		UnmappedWaits int64        `json:"unmappedWaits"`
		Missed        []jsonMissed `json:"missed"`
	}
	jsonMissed struct {
		File     string     `json:"file"`
		Line     int        `json:"line"`
		Column   int        `json:"column"`
		Function string     `json:"function"`
		Lock     string     `json:"lock"`
		Delay    *jsonDelay `json:"delay"`
		Stack    []string   `json:"stack"`
		Waits    string     `json:"waits"`
		Remedy   string     `json:"remedy"`
		Command  string     `json:"command"`
	}
)

func jsonDelayOf(d *finding.Delay) *jsonDelay {
	if d == nil {
		return nil
	}
	return &jsonDelay{
		Text: d.String(), Measure: string(d.Measure), Seconds: d.Time.Seconds(), All: d.All.Seconds(), Waits: d.Waits,
		P99: d.P99.Seconds(), Held: d.Held.Seconds(), HeldWaits: d.HeldWaits, Shared: d.Shared,
	}
}

func (a *command) jsonProfile(o *outcome.Outcome) *jsonProfile {
	d := o.Delays
	if d == nil {
		return nil
	}
	of := &d.Released
	if of.Count == 0 {
		of = &d.Locked
	}
	return &jsonProfile{
		Files: a.Opts.Profiles, Mutex: d.Released.Time.Seconds(), Lock: d.Locked.Time.Seconds(),
		Elsewhere: of.Elsewhere.Time.Seconds(), Unmapped: (of.Gone.Time + of.Tests.Time).Seconds(), UnmappedWaits: of.Gone.Count + of.Tests.Count,
		Missed: list(o.Missed, func(m profile.Missed) jsonMissed {
			s := m.Section
			p := s.Position()
			why, command := outcome.Remedy(&m)
			return jsonMissed{
				File: a.Rel(p.Filename), Line: p.Line, Column: p.Column, Function: s.Unit.Name(), Lock: s.Lock.String(),
				Delay: jsonDelayOf(m.Delay), Stack: list(m.Stack, func(f profile.Frame) string { return f.Func }), Waits: m.Function,
				Remedy: why, Command: command,
			}
		}),
	}
}
