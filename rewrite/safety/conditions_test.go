package safety_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/letgo-dev/letgo/rewrite/safety"
)

// TestConditions holds the files of the conditions: each has a title, says what it is and
// who broke it, and its number is its place.
func TestConditions(t *testing.T) {
	for i, c := range safety.Conditions() {
		if want := fmt.Sprintf("S%d", i+1); string(c) != want {
			t.Errorf("condition %d is called %s", i+1, c)
		}
		if c.Title() == "" || c.Doc() == "" || c.Prose() == "" {
			t.Errorf("%s has no title, or does not say what it is", c)
		}
		if !strings.Contains(c.Prose(), "\n\nBroken by hand in\n    ") {
			t.Errorf("%s does not name a change that broke it", c)
		}
	}
}

// TestExamples checks that each condition's example is printed word for word in a test
// of the rewrites.
func TestExamples(t *testing.T) {
	var printed strings.Builder
	for _, pattern := range []string{"../../testdata/rewrite/*/*.txtar", "../../testdata/rewrite/*/*/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			printed.Write(text)
		}
	}
	for _, c := range safety.Conditions() {
		question := string(c) + " " + c.Example() + "\n"
		refusal := regexp.MustCompile(`refused ` + string(c) + ` \d+ ` + regexp.QuoteMeta(c.Example()) + `\n`)
		if c.Example() == "" || !strings.Contains(printed.String(), question) && !refusal.MatchString(printed.String()) {
			t.Errorf("%s: the example is not printed in any test: %s", c, c.Example())
		}
	}
}
