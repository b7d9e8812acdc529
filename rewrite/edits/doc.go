// Package edits creates the operations of a plan: unlocks, copies, declarations, imports.
package edits
