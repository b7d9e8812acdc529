// Package proof tests the rewrites on generated programs. It applies every plan
// that the shapes offer for the programs of package programs, and runs each
// program before and after against backends that record their calls.
//
// On one goroutine, both versions must behave the same: results, errors, panics,
// final state, whether the lock is free, and all effects, in order. When a second
// call runs while the first waits, the outcome must match some order of the two
// calls, unless an assumption of the plan says otherwise. If it leaves the
// program's subject in another state, a question must have named that subject.
// In programs with a second lock or a condition variable, no call may block
// forever that did not before. With several goroutines, the race detector must
// find nothing, neither in a free run nor when any function runs while another
// one waits.
//
//	go test ./rewrite/proof                        a fixed set, in seconds
//	go test ./rewrite/proof -programs=200000 -raceprograms=200000 -timeout=48h
//	go test ./rewrite/proof -idioms=alias,call-sort   only programs about these
//	go test ./rewrite/proof -idioms=all               also those that fail today
//	go test ./rewrite/proof -fuzz=FuzzSequence
//
// A program that fails is shrunk and printed in both versions.
package proof
