// Package programs generates programs that nobody wrote: functions with critical
// sections, each to be run before and after a rewrite.
//
// Most programs are random around one idiom: a way of writing code that an
// analysis by syntax does not follow. The idioms are text, in the files whose names
// begin with idiom_; template.go says how they are put in.
package programs
