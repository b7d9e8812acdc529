// Package proof tests the rewrites on programs that nobody wrote: it generates
// functions with critical sections, carries out every plan that the shapes
// offer for them, and runs the programs before and after against backends that
// record what they are asked.
//
// On one goroutine both must do the same: results, errors, panics, the state at
// the end, whether the lock is free, and every effect in order. With two calls
// of which one gets in while the other waits, the outcome must be that of some
// order of the two, unless an assumption of the plan says otherwise. With
// several goroutines the race detector must find nothing, neither while they run
// as they come nor while each function meets every other one where it waits.
//
//	go test ./rewrite/proof                        a fixed set, in seconds
//	go test ./rewrite/proof -programs=100000 -timeout=3h
//	go test ./rewrite/proof -fuzz=FuzzSequence
//
// What differs is reduced to a small program and printed before and after.
package proof
