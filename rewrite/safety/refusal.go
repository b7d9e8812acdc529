package safety

import (
	"fmt"
	"go/token"
)

// A Refusal says why a shape does not apply to a finding: the condition that
// it would break, and where.
type Refusal struct {
	Shape     string
	Condition Condition // "" where the shape simply has nothing to do here
	Rule      string    // which kind of breach it is: "tested-before"; see [Rules]
	Reason    string
	Pos       token.Pos
	Tried     bool // a window was found, and the condition breaks for that
}

// Error is the reason, with the condition.
func (r *Refusal) Error() string {
	if r.Condition == "" {
		return r.Reason
	}
	return fmt.Sprintf("%s (%s): %s", r.Name(), r.Condition.Title(), r.Reason)
}

// Name is the condition with the rule: "S3/tested-before".
func (r *Refusal) Name() string {
	if r.Rule == "" {
		return string(r.Condition)
	}
	return string(r.Condition) + "/" + r.Rule
}

// Refuse makes a refusal by a condition that would be broken. The rule says in which
// way; the file of the condition has what one can do about it.
func Refuse(c Condition, rule string, pos token.Pos, format string, args ...any) *Refusal {
	if IsBroken(c) {
		return nil
	}
	return &Refusal{Condition: c, Rule: rule, Pos: pos, Reason: fmt.Sprintf(format, args...)}
}

// Inapplicable makes the refusal of a shape that has nothing to do here.
func Inapplicable(pos token.Pos, format string, args ...any) *Refusal {
	return &Refusal{Pos: pos, Reason: fmt.Sprintf(format, args...)}
}

// AsTried marks a refusal as that of a window which was found.
func (r *Refusal) AsTried() *Refusal {
	if r == nil || r.Tried {
		return r
	}
	c := *r // it may be the one that other shapes refuse with
	c.Tried = true
	return &c
}
