package safety

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// broken names checks that are switched off: those of a condition, in the proof
// or in the verification, or the one that a place in the source makes. Only tests
// set it: some case has to notice.
var broken struct {
	proof, verification Condition
	site                string // "rewrite/prove.go:12"
}

// Break turns off the checks of two conditions, one in the proof and one in the
// verification, until the returned function is called. It is for tests.
func Break(proof, verification Condition) (mend func()) {
	broken.proof, broken.verification = proof, verification
	return func() { broken.proof, broken.verification = "", "" }
}

// BreakSite turns off the check at a place in the source, such as
// "rewrite/prove.go:12". It is for tests.
func BreakSite(site string) (mend func()) {
	broken.site = site
	return func() { broken.site = "" }
}

// SiteOf names a place in the source for [BreakSite]: by the directory and the name of
// the file.
func SiteOf(file string, line int) string {
	dir, base := filepath.Split(file)
	return fmt.Sprintf("%s/%s:%d", filepath.Base(dir), base, line)
}

// SiteBroken reports whether the check at some place in the source is turned off.
func SiteBroken() bool { return broken.site != "" }

// VerificationBroken reports whether the checks of a condition in the verification are
// turned off.
func VerificationBroken(c Condition) bool { return c != "" && c == broken.verification }

// IsBroken reports whether the check in the caller of the calling function is turned
// off.
func IsBroken(c Condition) bool {
	if c == "" || broken.proof == "" && broken.site == "" {
		return false
	}
	if broken.site == "" {
		return c == broken.proof
	}
	_, file, line, _ := runtime.Caller(2)
	return SiteOf(file, line) == broken.site
}
