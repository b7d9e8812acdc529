package rewrite

import (
	"bytes"

	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/find"
	"github.com/letgo-dev/letgo/patterns/finding"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

// Suggest returns the rewrites of a package that the limits admit, for drivers that
// apply some or all of them by themselves. Each was verified alone, and all together
// have the result of [Fix]. Of those for which that would not hold, or which touch each
// other, the later ones are left out; so are those that change files outside of the
// package.
func Suggest(x *patterns.Program, p *patterns.Package, l Limits) map[*finding.Finding]find.Suggestion {
	r := Fix(x, p, l)
	out := make(map[*finding.Finding]find.Suggestion)
	taken := make(map[*patterns.File][]textedit.Edit)
	for _, e := range r.Entries {
		v := e.Offered()
		if v == nil || len(v.Plan.Requires) > 0 {
			continue
		}
		if s, ok := suggestion(v, taken); ok {
			out[e.Finding] = s
		}
	}
	if !sameAsTogether(r, taken) {
		return first(r, out)
	}
	return out
}

// suggestion makes the edits of a plan, unless they touch those already taken.
func suggestion(v *verify.Verified, taken map[*patterns.File][]textedit.Edit) (find.Suggestion, bool) {
	s := find.Suggestion{Title: v.Plan.Title}
	for _, c := range v.Changes {
		for _, e := range textedit.Trim(c.File.Content, c.Edits) {
			for _, t := range taken[c.File] {
				if e.Start <= t.End && t.Start <= e.End {
					return s, false
				}
			}
			s.Edits = append(s.Edits, find.FileEdit{File: c.File, Start: e.Start, End: e.End, New: e.New})
		}
	}
	for _, e := range s.Edits {
		taken[e.File] = append(taken[e.File], textedit.Edit{Start: e.Start, End: e.End, New: e.New})
	}
	return s, len(s.Edits) > 0
}

// sameAsTogether reports whether the edits give the files that carrying out one
// plan after the other has given.
func sameAsTogether(r *Result, taken map[*patterns.File][]textedit.Edit) bool {
	for _, c := range r.Changes {
		got, err := textedit.Apply(c.File.Content, taken[c.File])
		if err != nil || !bytes.Equal(got, c.Content()) {
			return false
		}
	}
	return true
}

// first keeps the first of the suggestions, which was verified alone.
func first(r *Result, all map[*finding.Finding]find.Suggestion) map[*finding.Finding]find.Suggestion {
	for _, e := range r.Entries {
		if s, ok := all[e.Finding]; ok {
			return map[*finding.Finding]find.Suggestion{e.Finding: s}
		}
	}
	return nil
}
