// Package proof tests the rewrites on programs that nobody wrote: it carries out
// every plan that the shapes offer for those of package programs, and runs the
// programs before and after against backends that record what they are asked.
//
// On one goroutine both must do the same: results, errors, panics, the state at
// the end, whether the lock is free, and every effect in order. With two calls
// of which one gets in while the other waits, the outcome must be that of some
// order of the two, unless an assumption of the plan says otherwise; what a
// program is about must be named by a question for that. Where programs have a second
// lock or a condition variable, no call may wait for ever that did not before. With
// several goroutines the race detector must find nothing, neither while they run
// as they come nor while each function meets every other one where it waits.
//
//	go test ./rewrite/proof                        a fixed set, in seconds
//	go test ./rewrite/proof -programs=200000 -raceprograms=200000 -timeout=48h
//	go test ./rewrite/proof -idioms=alias,call-sort   only programs about these
//	go test ./rewrite/proof -idioms=all               also those that fail today
//	go test ./rewrite/proof -fuzz=FuzzSequence
//
// What differs is reduced to a small program and printed before and after.
package proof
