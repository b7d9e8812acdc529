package safety

// A Rule is a kind of breach of a condition, and what one can do about it.
type Rule struct {
	Name   string // "S3/tested-before"
	Advice string // what to change so that a rewrite becomes possible, or ""
}

// Advice says what one can change so that the rewrite becomes possible, or is "".
func (r *Refusal) Advice() string {
	for _, rule := range r.Condition.Rules() {
		if rule.Name == r.Name() {
			return rule.Advice
		}
	}
	return ""
}
