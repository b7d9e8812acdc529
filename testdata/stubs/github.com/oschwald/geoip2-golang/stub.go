// Package geoip2 is a stub: the functions of v1.13.0 that blocking.txt names, and the
// types in their signatures.
package geoip2

func Open(file string) (*Reader, error)

type Reader struct{}
