// Package safety has the conditions that a rewrite must keep, and what is said about
// them: obligations, refusals, and the rules that name refusals.
package safety
