package outcome

import (
	"fmt"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/patterns/profile"
)

// allows reports whether a delay, which may be nil, is at least that.
func allows(m *app.MinDelay, d *finding.Delay) bool {
	if m.Text == "" {
		return true
	}
	return d != nil && d.Share() >= m.Share && d.Time >= m.Time
}

// ReadProfiles reads the profiles that the flags name, and assigns their delay to the
// sections of the program.
func ReadProfiles(a *app.App, p *Program) error {
	var list []*profile.Profile
	for _, name := range a.Opts.Profiles {
		a.Bar.Phase("reading profiles", 0)
		q, err := profile.Read(Abs(a, name))
		if err != nil {
			return fmt.Errorf("reading the profile %s: %w", name, PlainError(err))
		}
		if q.Empty() {
			p.Notes = append(p.Notes, name+" has no waits: nobody waited, or nothing was recorded (see letgo help profile)")
		}
		list = append(list, q)
	}
	if list != nil {
		p.delays = profile.Locate(p.Program, list)
	}
	return nil
}

// Measure adds the delay in the profiles to findings, and leaves out those with less
// than the flags ask for.
func Measure(a *app.App, p *Program, found []*finding.Finding) []*finding.Finding {
	if p.delays == nil {
		return found
	}
	p.delays.Attach(found)
	var out []*finding.Finding
	for _, f := range found {
		if allows(&a.Opts.MinDelay, f.Delay) {
			out = append(out, f)
		}
	}
	return out
}

// addMissed adds to an outcome what the profiles have besides the findings.
func addMissed(a *app.App, p *Program, o *Outcome) {
	if p.delays == nil {
		return
	}
	o.Delays = p.delays
	o.Missed = p.delays.Missed(p.Program, func(d *finding.Delay) bool {
		if a.Opts.MinDelay.Text != "" {
			return allows(&a.Opts.MinDelay, d)
		}
		return d.Worthwhile() || d.HeldWorthwhile()
	})
}

// MostMissed is the largest number of listed sections in which letgo sees no wait.
const MostMissed = 10

// Remedy says why letgo may see no wait in a section, and returns the command that
// makes letgo find it, if there is one.
func Remedy(m *profile.Missed) (why, command string) {
	switch {
	case m.Category != "":
		return fmt.Sprintf("waits of the kind %s are only reported with -category=%s or a project file", m.Category, m.Category), ""
	case m.Function != "":
		return fmt.Sprintf("does not know that %s waits. This tells it:", m.Function), app.ShellWords("letgo", "table", m.Function, m.Kind)
	case m.Held:
		return "does not see how the section gets there, perhaps through an interface or a function value: put //letgo:blocks on the function that waits", ""
	}
	return "sees no wait in it: it may be short and taken often, or do long work, unless a block profile or a trace shows a wait", ""
}

// AccountOf summarizes in one line where the delay in the profiles is.
func AccountOf(d *profile.Delays) string {
	switch {
	case d.Released.Count > 0:
		return account(&d.Released, "of mutex delay", "at sections of these packages")
	case d.Locked.Count > 0:
		return account(&d.Locked, "of waits for locks", "for locks of these packages") + "; a block profile does not tell which section held them"
	}
	return "nobody has waited for a lock"
}

func account(of *profile.Account, what, here string) string {
	text := fmt.Sprintf("%s %s, %s of it %s", finding.FormatDelay(of.Time), what, finding.FormatDelay(of.Here()), here)
	if u := &of.Elsewhere; u.Time > 0 {
		text += fmt.Sprintf(", %s in other packages, most of all in %s", finding.FormatDelay(u.Time), u.Most())
	}
	if u := &of.Tests; u.Time > 0 {
		text += fmt.Sprintf(", %s in tests, which -tests includes, most of all in %s", finding.FormatDelay(u.Time), u.Most())
	}
	if u := &of.Gone; u.Time > 0 {
		text += fmt.Sprintf(", %s (%s) assigned to no section, most of all in %s: the code has changed since, or the lock is taken elsewhere",
			finding.FormatDelay(u.Time), finding.CountWaits(u.Count), u.Most())
	}
	return text
}
