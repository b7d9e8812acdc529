// Package order looks at callers that may overtake each other.
package order
