// Package undone decides whether what a section marks before the wait is taken back
// after it.
package undone
