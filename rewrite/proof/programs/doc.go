// Package programs generates random programs: functions with critical sections, each to
// be run before and after a rewrite.
//
// Most programs are random around one idiom: a way of writing code that an analysis of
// the syntax alone does not follow. The idioms are text, in the files whose names begin
// with idiom_; template.go says how they are used.
package programs
