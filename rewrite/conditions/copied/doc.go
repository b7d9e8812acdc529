// Package copied decides whether a loop or a call may use a copy of a map or slice although
// nobody else comes in between.
package copied
