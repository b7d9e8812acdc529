//go:build !unix

package config

// noWait is nothing where opening a file never waits.
const noWait = 0
