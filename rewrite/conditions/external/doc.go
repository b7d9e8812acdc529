// Package external refuses to work on something outside of the process, such as a file, a
// connection or another process, without the lock that keeps that work apart.
package external
