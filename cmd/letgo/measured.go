package main

import (
	"fmt"
	"strings"

	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/profile"
)

// allows reports whether a delay, which may be nil, is at least that.
func (m *minDelay) allows(d *finding.Delay) bool {
	if m.text == "" {
		return true
	}
	return d != nil && d.Share() >= m.share && d.Time >= m.time
}

// readProfiles reads the profiles that the flags name, and puts their delay to the
// sections of the program.
func (a *app) readProfiles(p *program) error {
	var list []*profile.Profile
	for _, name := range a.opts.profiles {
		a.bar.phase("reading profiles", 0)
		q, err := profile.Read(a.abs(name))
		if err != nil {
			return fmt.Errorf("reading the profile %s: %w", name, plainError(err))
		}
		if q.Empty() {
			p.notes = append(p.notes, name+" has no waits: nobody waited, or nothing was recorded (see letgo help profile)")
		}
		list = append(list, q)
	}
	if list != nil {
		p.delays = profile.Locate(p.Program, list)
	}
	return nil
}

// measured gives findings the delay of the profiles, and leaves out those with less
// than the flags ask for.
func (a *app) measured(p *program, found []*finding.Finding) []*finding.Finding {
	if p.delays == nil {
		return found
	}
	p.delays.Attach(found)
	var out []*finding.Finding
	for _, f := range found {
		if a.opts.minDelay.allows(f.Delay) {
			out = append(out, f)
		}
	}
	return out
}

// addMissed adds to an outcome what the profiles have besides the findings.
func (a *app) addMissed(p *program, o *outcome) {
	if p.delays == nil {
		return
	}
	o.delays = p.delays
	o.missed = p.delays.Missed(p.Program, func(d *finding.Delay) bool {
		if a.opts.minDelay.text != "" {
			return a.opts.minDelay.allows(d)
		}
		return d.Worthwhile() || d.HeldWorthwhile()
	})
}

// mostMissed is how many sections are listed at most that were not found.
const mostMissed = 10

// remedy says why a section may not have been found, and the command that makes letgo
// find it, if there is one.
func remedy(m *profile.Missed) (why, command string) {
	switch {
	case m.Category != "":
		return fmt.Sprintf("waits of the kind %s are only reported with -category=%s or a project file", m.Category, m.Category), ""
	case m.Function != "":
		return fmt.Sprintf("does not know that %s waits. This tells it:", m.Function), fmt.Sprintf("letgo table %s %s", shellQuote(m.Function), m.Kind)
	case m.Held:
		return "does not see how the section gets there, by an interface or a function value perhaps: //letgo:blocks on the function that waits tells it", ""
	}
	return "sees no wait in it: it is short and taken often, or long for its work, unless a block profile or a trace says that it waits", ""
}

// shellQuote quotes a word for a shell, if it needs that.
func shellQuote(s string) string {
	if strings.ContainsAny(s, " ()*[]{}$&;|<>\"'`\\!#~?") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// accountOf says in one line where the delay of the profiles is.
func accountOf(d *profile.Delays) string {
	if d.Released.Count+d.Locked.Count == 0 {
		return "nobody has waited for a lock"
	}
	if d.Released.Count == 0 {
		return fmt.Sprintf("%s of waits for locks; which section was held meanwhile a block profile does not tell", finding.FormatDelay(d.Locked.Time))
	}
	here := d.Released.Time - d.Elsewhere - d.Gone
	text := fmt.Sprintf("%s of mutex delay, %s of it at sections of these packages", finding.FormatDelay(d.Released.Time), finding.FormatDelay(here))
	if d.Elsewhere > 0 {
		text += fmt.Sprintf(", %s in other packages, most of all in %s", finding.FormatDelay(d.Elsewhere), d.Outside())
	}
	if d.Gone > 0 {
		text += fmt.Sprintf(", %s not put to a section: the code has changed since, or the lock is taken elsewhere", finding.FormatDelay(d.Gone))
	}
	return text
}
