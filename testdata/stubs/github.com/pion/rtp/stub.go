// Package rtp is a stub: types of v1.10.6 that other stubs need.
package rtp

type Packet struct{}
