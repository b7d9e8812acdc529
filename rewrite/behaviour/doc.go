// Package behaviour says what code does: which variables it touches, what values
// come from, what has an effect, what calls do to their operands.
package behaviour
