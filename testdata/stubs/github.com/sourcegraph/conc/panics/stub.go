// Package panics is a stub: types of v0.3.1-0.20240121214520-5f936abd7ae8 that other stubs need.
package panics

type Recovered struct{}
