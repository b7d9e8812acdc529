// Package signals looks at what goroutines tell each other: channels, wait groups,
// condition variables, and who waits for whom.
package signals
