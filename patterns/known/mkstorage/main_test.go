package main

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/internal/longtest"
)

// computedWith is the version of Go whose library storage.txt was computed from.
const computedWith = "go1.26"

// TestTable computes the table again and compares. With another version of Go the
// lines differ where the library does.
func TestTable(t *testing.T) {
	longtest.Skip(t, "reads the whole standard library from source")
	if !strings.HasPrefix(runtime.Version(), computedWith) {
		t.Skipf("storage.txt was computed with %s, and this is %s", computedWith, runtime.Version())
	}
	data, err := os.ReadFile("../storage.txt")
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Split(strings.TrimPrefix(strings.TrimSpace(string(data)), header), "\n")
	want, err := lines()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		again, err := lines()
		if err != nil {
			t.Fatal(err)
		}
		if d := append(lacking(want, again), lacking(again, want)...); len(d) > 0 {
			t.Fatalf("the same library gave other lines: %q", d)
		}
	}
	if len(want) < 3000 {
		t.Fatalf("only %d lines were computed", len(want))
	}
	for _, l := range lacking(want, have) {
		t.Errorf("storage.txt lacks %q: run go generate ./patterns/known", l)
	}
	for _, l := range lacking(have, want) {
		t.Errorf("storage.txt has %q, which is not computed: run go generate ./patterns/known", l)
	}
}

// lacking lists what b, which is sorted, lacks of a.
func lacking(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(l string) bool {
		_, ok := slices.BinarySearch(b, l)
		return ok
	})
}
