// Package readpref is a stub: types of v2.10.0 that other stubs need.
package readpref

type ReadPref struct{}
