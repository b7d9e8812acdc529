package app

import "testing"

// TestAgain checks that a command which is printed for the user looks at the same as
// the run that prints it.
func TestAgain(t *testing.T) {
	for _, test := range []struct {
		given         []string
		command       string
		args          []string
		want, comment string
	}{
		{[]string{"./..."}, "explain", []string{"a.go:1"}, "letgo explain a.go:1", "nothing to repeat"},
		{[]string{"-C", "my dir", "-tags=x", "-tests", "./..."}, "explain", []string{"a.go:1"}, "letgo -C 'my dir' -tags=x -tests explain a.go:1", "in another directory"},
		{[]string{"-all", "-shape", "hoist", "-unsure"}, "explain", []string{"a.go:1"}, "letgo -shape=hoist explain a.go:1", "explain shows all of a section anyway"},
		{[]string{"-all", "-shape", "hoist", "-grade=review"}, "", []string{"-i", "."}, "letgo -all -shape=hoist -i .", "the same sections"},
		{[]string{"-all", "-shape", "hoist"}, "", []string{"-w", "-shape=split"}, "letgo -all -w -shape=split", "another shape"},
	} {
		o, err := ParseArgs(test.given)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Again(test.command, test.args...); got != test.want {
			t.Errorf("%s: got %s, want %s", test.comment, got, test.want)
		}
	}
}
