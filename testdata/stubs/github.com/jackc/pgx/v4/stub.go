// Package pgx is a stub: types of v4.18.3 that other stubs need.
package pgx

type Tx interface{}

type TxOptions struct{}
