package rewrite

import (
	"go/token"
	"slices"
	"strings"
)

// A reviewer who is asked five things about one call answers none of them. This file
// makes one question of those that are about the same: that two callers, whom the
// lock kept apart, may now make the call at once and overtake each other; that the call
// is made although what was looked at for it has changed; that a loop goes through a
// copy. Each keeps what it names.

// A topic is what a question is about, where others may be asked with it.
type topic byte

const (
	apart topic = iota // it stands for itself

	safeUse    // what now runs several times at once, and may not be safe for that
	sameFile   // what may now work on one file several times at once
	atOnce     // what now runs several times at once
	besides    // another call that may run at the same time
	passedOn   // what is passed on was read under the lock
	takenOut   // what is passed on was taken out under the lock
	ownCopies  // callers go through copies of their own
	ownTime    // the time is read and passed on
	changesToo // the section also changes something
	lastStays  // what the last to finish has set stays

	stillTested // a test may be out of date before the call is over
	stillHeld   // an object may have been replaced by then

	copyMeets   // a loop goes through a copy
	copyDeletes // and deletes by what it finds there
	copyHalf    // and is seen when it is half-way

	takenFirst // what is tested is taken out before the call

	removed    // an object is taken out of what is guarded before the call
	seenEarly  // what others see before the call is over
	olderStays // the result of an older call may stay
	onPanic    // what is otherwise after a panic
	oldValue   // what the call uses may have been replaced
)

// joinQuestions makes one question of those about the same.
func joinQuestions(list []Obligation) []Obligation {
	list = join(list, safeUse, lastStays, overtaking)
	list = join(list, stillTested, stillHeld, outOfDate)
	return join(list, copyMeets, copyHalf, ofCopy)
}

// join makes one question of the topics from first to last.
func join(list []Obligation, first, last topic, text func([]Obligation) string) []Obligation {
	is := func(o Obligation) bool { return o.Status == Assumed && first <= o.about && o.about <= last }
	joined := slices.DeleteFunc(slices.Clone(list), func(o Obligation) bool { return !is(o) })
	if len(joined) < 2 {
		return list
	}
	slices.SortStableFunc(joined, func(a, b Obligation) int { return int(a.about) - int(b.about) })
	o := together(joined, text(joined))
	if runs := slices.DeleteFunc(joined, func(o Obligation) bool { return o.about > atOnce }); len(runs) > 1 {
		o.places = placesOf(runs)
	}
	return append(slices.DeleteFunc(list, is), o)
}

// placesOf lists the positions of questions.
func placesOf(list []Obligation) []token.Pos {
	var out []token.Pos
	for _, o := range list {
		out = append(append(out, o.Pos), o.places...)
	}
	return out
}

// together is the question that takes the place of others.
func together(list []Obligation, text string) Obligation {
	var conditions []Condition
	for _, o := range list {
		for _, c := range append([]Condition{o.Condition}, o.Also...) {
			if !slices.Contains(conditions, c) {
				conditions = append(conditions, c)
			}
		}
	}
	slices.SortFunc(conditions, func(a, b Condition) int { return a.order() - b.order() })
	return Obligation{Condition: conditions[0], Also: conditions[1:], Status: Assumed, Pos: list[0].Pos, Text: text}
}

// overtaking asks about callers that overtake each other.
func overtaking(list []Obligation) string {
	var with, beside []string
	runs, rest := "", ""
	for _, o := range list {
		switch o.about {
		case safeUse, sameFile, atOnce:
			if runs = joinClauses(runs, o.what); runs == "" {
				runs = o.what
			}
		case besides:
			beside = append(beside, o.what)
		case passedOn:
			with = append(with, "its own "+o.what)
		case takenOut:
			with = append(with, "what it took out of "+o.what)
		case ownCopies:
			with = append(with, "its own copy of "+o.what)
		case ownTime:
			with = append(with, "its own time")
		case changesToo:
			rest += ", and change " + o.what + " in another order than they make the call"
		case lastStays:
			rest += ", and the last one to finish leaves its value in " + o.what
		}
	}
	text := runs
	switch {
	case text == "" && len(beside) > 0:
		text = "The call can now run at the same time as " + strings.Join(beside, " and ")
	case text == "":
		text = "Two callers can now overtake each other"
	case len(beside) > 0:
		text += ", and at the same time as " + strings.Join(beside, " and ")
	}
	if len(with) > 0 {
		text += ", each with " + strings.Join(with, " and ")
	}
	return text + rest + ". " + askOvertaking(list)
}

// askOvertaking is what is asked about callers that overtake each other: more than that
// if the calls need more.
func askOvertaking(list []Obligation) string {
	only := func(about topic) bool {
		return list[0].about == about && !slices.ContainsFunc(list, func(o Obligation) bool { return o.about <= atOnce && o.about != about })
	}
	ordered := slices.ContainsFunc(list, func(o Obligation) bool { return o.about > besides })
	switch {
	case only(safeUse) && ordered:
		return "Is it safe for concurrent use, and is any order right?"
	case only(safeUse):
		return "Is it safe for concurrent use?"
	case only(sameFile) && ordered:
		return "Does the file stay intact, and is any order right?"
	case only(sameFile):
		return "Does the file stay intact?"
	}
	return "Is that all right?"
}

// outOfDate asks about all that the call is made for.
func outOfDate(list []Obligation) string {
	var what []string
	for _, o := range list {
		if !slices.Contains(what, o.what) {
			what = append(what, o.what)
		}
	}
	text := strings.Join(what, " and ")
	return strings.ToUpper(text[:1]) + text[1:] + " can be out of date before the call is over. May it still be made then?"
}

// ofCopy asks about a loop over a copy.
func ofCopy(list []Obligation) string {
	text := list[0].what + ". May it see removed entries, or miss added ones"
	for _, o := range list[1:] {
		switch o.about {
		case copyMeets:
			text = o.what + ". " + text
		case copyDeletes:
			text += ", or delete newer ones by " + o.what
		case copyHalf:
			text += ", and may others see it half done, by " + o.what
		}
	}
	return text + "?"
}

// seenAlready reports whether what others see of changes before the window is asked
// about together with something else.
func (w *Window) seenAlready(changes []*touch) bool {
	if isBroken(S10) || isBroken(S3) {
		return false
	}
	asked := func(about topic) int {
		return slices.IndexFunc(w.obligations, func(o Obligation) bool { return o.about == about })
	}
	if i := asked(takenFirst); i >= 0 && !slices.ContainsFunc(changes, func(t *touch) bool { return !w.takesOut(t.access.Var, nil, nil) }) {
		w.obligations[i].Also = append(w.obligations[i].Also, S10)
		return true
	}
	all := changes
	again := func(t *touch) bool { // in the turn of the loop before
		return slices.ContainsFunc(w.post.touches, func(o *touch) bool { return o.access.Node == t.access.Node })
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(t *touch) bool { return w.alone && w.status(t.access.Var) }) // asked about
	if len(changes) > 0 && asked(copyMeets) >= 0 && !slices.ContainsFunc(changes, func(t *touch) bool { return t.via != nil || !again(t) }) {
		w.dropQuestion(S8, changesAndCallsOf(some(touchNames(all))))
		names := some(touchNames(changes))
		w.ask(copyHalf, names, S10, changes[0].access.Pos(), "Other goroutines can now see %s as changed here before the call is done. Is that a valid state?", names)
		return true
	}
	return false
}

// Join takes over what another window of the same plan assumes, and what only
// that one proves.
func (w *Window) Join(o *Window) {
	for _, ob := range o.obligations {
		if ob.Status != Assumed {
			w.provedOnce(ob.Condition, ob.Text)
			continue
		}
		w.obligations = slices.DeleteFunc(w.obligations, func(p Obligation) bool { return p.Status == Proved && ob.Answers(p.Condition) })
		if !slices.ContainsFunc(w.obligations, func(p Obligation) bool { return p.Condition == ob.Condition && p.Text == ob.Text }) {
			w.obligations = append(w.obligations, ob)
		}
	}
}
