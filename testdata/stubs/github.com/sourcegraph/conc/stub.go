// Package conc is a stub: the functions of v0.3.1-0.20240121214520-5f936abd7ae8 that blocking.txt names, and the
// types in their signatures.
package conc

import (
	"github.com/sourcegraph/conc/panics"
)

type WaitGroup struct{}

func (*WaitGroup) Go(f func())
func (*WaitGroup) Wait()
func (*WaitGroup) WaitAndRecover() *panics.Recovered
