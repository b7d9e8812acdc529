// Package stale decides whether what a section has read before the wait is still true
// when it is used after it, and whether what it writes then undoes the changes of
// others: S3, and what all shapes share of S4.
package stale
