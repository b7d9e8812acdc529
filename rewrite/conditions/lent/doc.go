// Package lent decides whether what callers give to a section may be what other code changes
// under the section's lock.
package lent
