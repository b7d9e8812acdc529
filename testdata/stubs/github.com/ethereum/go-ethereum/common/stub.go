// Package common is a stub: types of v1.17.10 that other stubs need.
package common

type Address [20]byte

type Hash [32]byte
