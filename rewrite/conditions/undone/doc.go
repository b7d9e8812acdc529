// Package undone decides whether what a section marks before the wait is undone after
// it, and who can find the mark meanwhile.
package undone
