// Package types is a stub: types of v1.17.10 that other stubs need.
package types

type Block struct{}

type Header struct{}

type Log struct{}

type Receipt struct{}

type Transaction struct{}
