//go:build !unix

package main

import "errors"

type cost struct{ cpu, wall, mem float64 }

func measure(tool, string, string) (cost, error) {
	return cost{}, errors.New("letbench runs on Unix systems only")
}
