package profile

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/letgo-dev/letgo/patterns"
)

// A version is a module of the checkout that may appear in profiles with another major version,
// so that its packages have other import paths there.
type version struct {
	prefix string // the module's path without the major version
	now    string // the module's path
}

// versionsOf returns the modules of a program whose packages do not appear in the profiles. If
// they do appear, then another version in the profiles is another module used by the program.
func versionsOf(x *patterns.Program, profiles []*Profile) []version {
	named := make(map[string]bool)
	for _, p := range profiles {
		for _, s := range slices.Concat(p.Released, p.Waited) {
			for _, f := range s.Stack {
				named[parseSymbol(f.Func).pkg] = true
			}
		}
	}
	var out []version
	seen := make(map[string]bool)
	for _, p := range x.Packages {
		m := p.Module
		if m == "" || seen[m] {
			continue
		}
		seen[m] = true
		prefix, _, ok := module.SplitPathVersion(m)
		isNamed := false
		for pkg := range named {
			isNamed = isNamed || pkg == m || strings.HasPrefix(pkg, m+"/") && majorVersion(pkg[len(m):]) == ""
		}
		if ok && !isNamed {
			out = append(out, version{prefix, m})
		}
	}
	return out
}

var major = regexp.MustCompile(`^[/.]v[0-9]+(/|$)`)

// majorVersion returns the major version at the start of the rest of an import path: "/v2" for
// "/v2/store", ".v3" for the ".v3" of "gopkg.in/yaml.v3".
func majorVersion(rest string) string { return strings.TrimSuffix(major.FindString(rest), "/") }

// pathNow returns the import path in the checkout of a package in a profile.
func (c *checkout) pathNow(pkg string) string {
	if c.functions[pkg] != nil {
		return pkg
	}
	for _, v := range c.versions {
		rest, ok := strings.CutPrefix(pkg, v.prefix)
		if !ok {
			continue
		}
		if now := v.now + strings.TrimPrefix(rest, majorVersion(rest)); c.functions[now] != nil {
			return now
		}
	}
	return pkg
}
