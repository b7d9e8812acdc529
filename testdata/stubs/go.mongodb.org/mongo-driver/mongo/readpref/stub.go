// Package readpref is a stub: types of v1.17.10 that other stubs need.
package readpref

type ReadPref struct{}
