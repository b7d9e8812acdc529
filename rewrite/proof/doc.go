// Package proof tests the rewrites on generated programs: it applies every plan that
// the shapes offer for the programs of package programs, and runs the programs before
// and after against backends that record what they are asked.
//
// On one goroutine both must do the same: results, errors, panics, the state at the
// end, whether the lock is free, and every effect in order. With two calls of which one
// gets in while the other waits, the outcome must be that of some order of the two,
// unless an assumption of the plan says otherwise; a question must name what a program
// is about. In programs with a second lock or a condition variable, no call may wait
// forever that did not before. With several goroutines the race detector must find
// nothing, neither in a free run nor when each function meets every other one where it
// waits.
//
//	go test ./rewrite/proof                        a fixed set, in seconds
//	go test ./rewrite/proof -programs=200000 -raceprograms=200000 -timeout=48h
//	go test ./rewrite/proof -idioms=alias,call-sort   only programs about these
//	go test ./rewrite/proof -idioms=all               also those that fail today
//	go test ./rewrite/proof -fuzz=FuzzSequence
//
// A program that differs is reduced to a small one and printed before and after.
package proof
