// Package undone decides whether what a section marks before the wait is undone after
// it.
package undone
