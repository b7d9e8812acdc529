//go:build !unix

package main

import (
	"context"
	"errors"
)

type cost struct{ cpu, wall, mem float64 }

func measure(context.Context, tool, *module, string) (cost, error) {
	return cost{}, errors.New("letbench runs on Unix systems only")
}
