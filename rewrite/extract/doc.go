// Package extract finds the values that can be read under the lock before a wait that
// needs them, and the part of a waiting statement that can run first.
package extract
