// Package extract finds the values that can be read under the lock before a wait
// which needs them, and what of a statement that waits can be carried out first.
package extract
