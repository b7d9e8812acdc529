// Package longtest keeps what takes long out of an ordinary "go test ./...".
//
// A test that takes more than a few seconds asks here whether it is wanted. Where
// it can, it tries a part of its cases instead of none. The environment variable
// LETGO_LONG says that everything is to run, as .ci/run does.
package longtest

import (
	"fmt"
	"os"
	"testing"
)

// Variable is the environment variable that asks for the long tests.
const Variable = "LETGO_LONG"

// Wanted reports whether the long tests are to run. A program that one of them
// needs must then be there.
func Wanted() bool { return os.Getenv(Variable) != "" }

// Skip skips a test unless the long ones are wanted, and says how to run it. The
// text says what takes long, as in "builds the command".
func Skip(t testing.TB, why string) {
	t.Helper()
	if !Wanted() {
		t.Skip(why + "; " + Hint(t))
	}
}

// Hint says how to run a test with all that it has.
func Hint(t testing.TB) string {
	return fmt.Sprintf("to run all of it: %s=1 go test -run '^%s$'", Variable, t.Name())
}

// Of returns the number of cases that a test tries: few of them, and all where the
// long tests are wanted.
func Of(t testing.TB, few, all int) int {
	t.Helper()
	if Wanted() || few >= all {
		return all
	}
	t.Logf("%d of %d cases; %s", few, all, Hint(t))
	return few
}
