// Package edits makes the operations of a plan: unlocks, copies, declarations,
// imports.
package edits
