// Package behaviour describes what code does: which variables it touches, where its values come
// from, what has side effects, and what calls do to their operands.
package behaviour
