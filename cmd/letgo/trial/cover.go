package trial

import (
	"golang.org/x/tools/cover"
)

// A block is a stretch of code that a coverage profile counts.
type block struct {
	fromLine, fromColumn, toLine, toColumn int
	runs                                   bool
}

// readProfile reads a coverage profile, if there is one.
func (o *outcome) readProfile(name string) {
	profiles, err := cover.ParseProfiles(name)
	if err != nil {
		return // the tests did not get that far
	}
	o.blocks = make(map[string][]block)
	for _, p := range profiles {
		for _, b := range p.Blocks {
			o.blocks[p.FileName] = append(o.blocks[p.FileName], block{b.StartLine, b.StartCol, b.EndLine, b.EndCol, b.Count > 0})
		}
	}
}

// coverage says whether a test runs the code at a place.
func (o *outcome) coverage(p Place) Coverage {
	if o.blocks == nil {
		return Unknown
	}
	for _, b := range o.blocks[p.File] {
		if b.runs && b.contains(p) {
			return Covered
		}
	}
	return Uncovered
}

func (b block) contains(p Place) bool {
	after := p.Line > b.fromLine || p.Line == b.fromLine && p.Column >= b.fromColumn
	before := p.Line < b.toLine || p.Line == b.toLine && p.Column < b.toColumn
	return after && before
}
