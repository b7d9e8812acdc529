package verdict

import "slices"

// A Sign is one kind of signal for or against a lock being held across a wait by
// accident.
type Sign struct {
	Name   string
	Prior  int    // the weight that is assumed before the fit
	Weight int    // positive speaks for accident
	What   string // what is seen
}

// Where the sum of the weights starts, and its limits between the judgements.
// No sign can take the sum from the start over a limit by itself. The limit for what looks
// incidental is such that four in five of those ought to be changed.
const (
	startScore     = -4 // of ten locks that are held across a wait seven are held on purpose
	incidentalFrom = 1
	deliberateTo   = -9
)

// signs is the scorecard. Weights are in fifths of a unit of the log of the odds
// that a section ought to be changed. They were fitted on 2026-11-30 to the 351
// sections of 46 repositories in testdata/labels/evidence.tsv that a reader has
// judged, starting from the priors: what an earlier reading of 135 other sections
// that block directly says of the signs (84 held on purpose, 31 by accident), or, for
// made-once, read-lock, direct, unsafe, disk, keeps-open and wait-only, a guess. Some
// forty other signs were tried that did not help on repositories which they were not
// fitted to, and are gone.
// TestWeights in fit_test.go fits the weights again; how well the result does on
// repositories that it was not fitted to is in testdata/labels/matrix.golden. The signs
// were chosen by that very measure, so expect a little less of others. Of the last
// seventeen repositories only what an earlier letgo showed first was read.
var signs = []Sign{
	{"all-block", -3, -3, "all sections of this lock wait"},
	{"few-block", 4, 3, "few of the sections of this lock wait"},
	{"constructor", -4, -4, "the lock belongs to an object that was just made"},
	{"try-lock", -4, -4, "the lock is taken by TryLock"},
	{"keyed-lock", -4, -4, "the lock is one of many, taken from a map, a call or a loop"},
	{"shorter-sibling", -2, -3, "the struct has another mutex with shorter sections"},
	{"comment", -4, -4, "a comment says what the lock is held for"},
	{"lifecycle", -4, -4, "the function opens, closes, loads or replaces something, by its name"},
	{"guards-receiver", -3, -4, "the wait is for something that the lock guards"},
	{"needs-nothing", 2, 3, "the call needs nothing that the lock guards"},
	{"made-once", -3, -3, "what is tested before the wait is set after it"},
	{"read-lock", 3, 3, "the lock is taken for reading only"},
	{"direct", 2, 3, "the function waits itself, not in a call"},
	{"fills-map", 4, 3, "the section looks in a map, waits, and changes it: one lock for all keys"},
	{"guards-nothing", -4, -4, "no variable is used only under this lock"},
	{"response", 4, 3, "it waits for the client of one request"},
	{"keeps-apart", -4, -4, "a good part of the sections of the lock work on the same file, connection or table"},
	{"keeps-open", -2, -3, "another section of the lock closes the channel that it sends on"},
	{"unsafe", -3, -4, "the wait is on a value that is not safe for concurrent use"},
	{"wait-only", -4, -4, "the section uses nothing that the lock guards"},
	{"weak", -4, -3, "something else may run in place of what waits"},
	{"disk", -3, -4, "it waits for a file only"},
	{"fsync", 3, 3, "it waits until a disk has stored what was written"},
	{"deadlock", 4, 3, "whoever is waited for needs this lock"},
	{"stall", 3, 3, "whoever is waited for needs this lock, so only a timer ends the wait"},
}

// historySigns are what commits say, which only [Learn] brings in. Of 184
// sections of 29 repositories of testdata/labels that are found to wait 8 have one, and
// each of these is held on purpose; of all 184, 110 are (testdata/labels/history.tsv).
// The words and rules by which commits are told were settled with these sections in view
// (before that it was 18, two of them not held on purpose), so 8 of 8 flatters them.
// These are too few to fit weights to, so the signs have that of the other strong ones.
// They count only for whether a rewrite is offered. A lock that was put back is the
// strongest: there is none even if the verdict is incidental, unless that is most certain.
var historySigns = []Sign{
	{"put-back", -12, -12, "a commit brought the wait back under the lock"},
	{"moved-in", -4, -4, "a commit brought the wait under the lock"},
	{"lock-added", -4, -4, "a commit put the lock around the wait"},
}

var weightOf = func() map[string]int {
	m := map[string]int{"rate": startScore}
	for _, s := range slices.Concat(signs, historySigns) {
		m[s.Name] = s.Weight
	}
	return m
}()

// Signs lists the signals with their weights, except those of the history.
func Signs() []Sign { return slices.Clone(signs) }
