// Package longtest keeps long tests out of an ordinary "go test ./...".
//
// Tests that take more than a few seconds use this package to skip themselves or, if possible, to
// run only some of their cases. Setting the environment variable LETGO_LONG, as .ci/run does, runs
// everything.
package longtest

import (
	"fmt"
	"os"
	"testing"
)

// Variable is the environment variable that turns on the long tests.
const Variable = "LETGO_LONG"

// Wanted reports whether long tests should run. If so, programs that they need must be installed.
func Wanted() bool { return os.Getenv(Variable) != "" }

// Skip skips a test unless long tests are wanted, and logs how to run it. why says what takes long,
// as in "builds the command".
func Skip(t testing.TB, why string) {
	t.Helper()
	if !Wanted() {
		t.Skip(why + "; " + Hint(t))
	}
}

// Hint returns how to run a test in full.
func Hint(t testing.TB) string {
	return fmt.Sprintf("to run all of it: %s=1 go test -run '^%s$'", Variable, t.Name())
}

// Of returns the number of cases that a test should run: all if long tests are wanted, or else few.
func Of(t testing.TB, few, all int) int {
	t.Helper()
	if Wanted() || few >= all {
		return all
	}
	t.Logf("%d of %d cases; %s", few, all, Hint(t))
	return few
}
