package config

import (
	"strings"
	"testing"
)

// TestAddLine adds a line to project files of several forms.
func TestAddLine(t *testing.T) {
	const line = "example.com/m.F chan wait unknown waits"
	for _, test := range []struct{ name, file, want, wrong string }{
		{"none", "", "table: |\n  LINE\n", ""},
		{"no table", "skip:\n  - a\n", "skip:\n  - a\ntable: |\n  LINE\n", ""},
		{"no line end", "skip:\n  - a", "skip:\n  - a\ntable: |\n  LINE\n", ""},
		{"empty table", "table: |\n", "table: |\n  LINE\n", ""},
		{
			"between", "# shop\ntable: | # ours\n    example.com/m.G chan wait safe asks\n\n\ncategories:\n  log: on\n",
			"# shop\ntable: | # ours\n    example.com/m.G chan wait safe asks\n    LINE\n\n\ncategories:\n  log: on\n", "",
		},
		{"one line", "table: example.com/m.G chan wait safe asks\n", "", "want the lines of the table as a literal block"},
		{"quoted", "\"table\": |\n", "\"table\": |\n  LINE\n", ""},
		{"strange", "{table: \"\"}\n", "", "literal block"},
		{"mistake", "nothing: 1\n", "", "nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := AddLine("f", []byte(test.file), line)
			if test.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %q, %v; want %q", got, err, test.wrong)
				}
				return
			}
			if want := strings.ReplaceAll(test.want, "LINE", line); err != nil || string(got) != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
}
