package patterns

import "slices"

// A Sign is one kind of evidence for or against a lock being held across a
// wait by accident.
type Sign struct {
	Name   string
	Prior  int    // the weight that a reading of 135 other sections suggests
	Weight int    // positive speaks for accident
	What   string // what is seen
}

// Where the sum of the weights starts, and its limits between the judgements.
// No sign can take the sum from the start over a limit by itself.
const (
	startScore     = -4 // of ten locks that are held across a wait seven are held on purpose
	incidentalFrom = 0
	deliberateTo   = -9
)

// signs is the scorecard. Weights are in fifths of a unit of the log of the odds
// that a section ought to be changed. They were fitted on 2026-11-23 to the 131
// sections of five repositories in testdata/labels/evidence.tsv that a reader
// has judged, starting from the priors, which are what an earlier reading of 135
// other sections that block directly says of the signs: 84 held on purpose, 31
// by accident. TestWeights in fit_test.go does it again; how well the result
// does on repositories that it was not fitted to is in
// testdata/labels/matrix.golden.
var signs = []Sign{
	{"few-sites", -2, -2, "the package has one or two sections of this lock"},
	{"many-sites", 1, 1, "the package has eight sections of this lock, or more, and few of them wait"},
	{"all-block", -3, -2, "all sections of this lock wait"},
	{"most-block", -1, 0, "most sections of this lock wait"},
	{"few-block", 4, 3, "few of the sections of this lock wait"},
	{"read-side", -1, -1, "only the read side is held"},
	{"outer-lock", -2, -2, "another lock is held around this one"},
	{"constructor", -4, -4, "the lock belongs to an object that was just made"},
	{"try-lock", -4, -4, "the lock is taken by TryLock"},
	{"keyed-lock", -4, -4, "the lock is one of many, taken from a map or a call"},
	{"sibling", -1, 0, "the struct has another mutex"},
	{"shorter-sibling", -2, -4, "the struct has another mutex with shorter sections"},
	{"lock-wrapper", -1, -2, "the lock is taken through a function of its own"},
	{"comment", -4, -4, "a comment says what the lock is held for"},
	{"lock-name", -3, -3, "the lock is named for what it serialises"},
	{"lifecycle", -4, -4, "the function opens, closes or makes something"},
	{"guards-receiver", -3, -4, "the wait is for something that the lock guards"},
	{"guards-little", -1, -2, "the lock guards little besides"},
	{"swaps-handle", -1, -1, "the section replaces what it waits on"},
	{"needs-nothing", 2, 3, "the call needs nothing that the lock guards"},
	{"last-act", 1, 3, "nothing guarded is used after the wait"},
	{"refresh", -1, 0, "the section tests a variable, waits, and sets it: once is enough"},
	{"fills-map", 4, 3, "the section looks in a map, waits, and stores into it: one lock for all keys"},
	{"sequence", -1, 0, "a variable that the section changes goes into the call"},
	{"close-guard", -2, -2, "the channel is closed under the same lock"},
	{"taken-local", 1, 1, "what is waited for was taken out of the guarded state"},
	{"guards-nothing", -4, -4, "no variable is used under this lock only"},
	{"workers-use", -2, 0, "what is waited for uses what the lock guards"},
	{"unlocked-elsewhere", 2, 3, "the package makes the same call without the lock"},
	{"response", 4, 3, "it waits for the client of one request"},
	{"sleeps", 3, 3, "it only lets time pass"},
	{"deep", -1, -2, "the wait is several calls away"},
	{"weak", -4, -4, "it may not wait at all"},
	{"deadlock", 4, 3, "whoever is waited for needs this lock"},
	{"stall", 3, 3, "whoever is waited for needs this lock, so only a timer ends the wait"},
}

var weightOf = func() map[string]int {
	m := map[string]int{"rate": startScore}
	for _, s := range signs {
		m[s.Name] = s.Weight
	}
	return m
}()

// Signs lists the signs with their weights.
func Signs() []Sign { return slices.Clone(signs) }
