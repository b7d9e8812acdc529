// Package socket is a stub: types of v0.61.0 that other stubs need.
package socket

type Message struct{}
