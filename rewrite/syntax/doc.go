// Package syntax answers questions about Go syntax and types that need nothing else:
// what is where, what jumps, what a type refers to.
package syntax
