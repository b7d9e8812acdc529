// Package rtcp is a stub: types of v1.2.20 that other stubs need.
package rtcp

type Packet interface{}
