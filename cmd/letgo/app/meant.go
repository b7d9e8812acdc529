package app

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// meant returns the one of the words that somebody who typed another word most
// likely meant, or "".
func meant(word string, words []string) string {
	d := diffmatchpatch.New()
	best, least := "", max(1, len(word)/3)+1
	for _, w := range words {
		if n := d.DiffLevenshtein(d.DiffMain(word, w, false)); n < least {
			best, least = w, n
		}
	}
	return best
}

// mistyped returns the command that the first argument was meant to be, or "": it
// looks like one, and names no directory.
func mistyped(dir string, args []string) string {
	if len(args) == 0 || strings.ContainsAny(args[0], `./\:*@`) {
		return ""
	}
	if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil {
		return ""
	}
	return meant(args[0], CommandNames())
}
