// Package media is a stub: types of v4.2.26 that other stubs need.
package media

type Sample struct{}
