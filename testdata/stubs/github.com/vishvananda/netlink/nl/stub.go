// Package nl is a stub: types of v1.3.1 that other stubs need.
package nl

type BridgeVlanInfo struct{}
