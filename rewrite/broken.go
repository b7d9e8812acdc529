package rewrite

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// broken names checks that are switched off: those of a condition, in the proof
// or in the verification, or the one that a place in the source makes. Only the
// tests of this package set it: some case has to notice.
var broken struct {
	proof, verification Condition
	site                string // "prove.go:12"
}

// isBroken reports whether the check that the caller of the calling function
// makes is switched off.
func isBroken(c Condition) bool {
	if c == "" || broken.proof == "" && broken.site == "" {
		return false
	}
	if broken.site == "" {
		return c == broken.proof
	}
	_, file, line, _ := runtime.Caller(2)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line) == broken.site
}
