// Package behaviour says what code does: which variables it touches, where values come
// from, what has an effect, and what calls do to their operands.
package behaviour
