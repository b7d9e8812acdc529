// Package events is a stub: types of v28.5.2+incompatible that other stubs need.
package events

type ListOptions struct{}

type Message struct{}
