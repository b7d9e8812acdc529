package rewrite

// broken names a condition whose checks are switched off, in the proof and in
// the verification. Only the tests of this package set it: for every condition
// some case has to notice.
var broken struct{ proof, verification Condition }
