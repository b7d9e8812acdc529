// Package ethereum is a stub: types of v1.17.10 that other stubs need.
package ethereum

type CallMsg struct{}

type FeeHistory struct{}

type FilterQuery struct{}

type Subscription interface{}

type SyncProgress struct{}
