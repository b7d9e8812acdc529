// Command mkstorage computes what the functions of the standard library, and of
// the golang.org/x modules that this module requires, do to the storage that
// their arguments refer to. It prints the table storage.txt:
//
//	go run ./patterns/known/mkstorage >patterns/known/storage.txt
//
// It reads the same model that letgo reads programs with, package by package,
// callees first. What calls of interfaces and functions without a Go body do
// stands in contracts.txt, which is written by hand.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	table, err := lines()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mkstorage:", err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprint(out, header)
	for _, l := range table {
		fmt.Fprintln(out, l)
	}
}
