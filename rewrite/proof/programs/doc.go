// Package programs generates random programs, functions with critical sections, to
// run before and after a rewrite.
//
// Most programs embed one idiom in random code: a way of writing code that a purely
// syntactic analysis doesn't understand. The idioms are templates in the files named
// idiom_*.go; see template.go.
package programs
