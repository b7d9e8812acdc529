package profile

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/letgo-dev/letgo/patterns"
)

// A version is a module of the checkout that the profiles have in another major version,
// so that its packages have other names in them.
type version struct {
	prefix string // of the module's path, without the version
	now    string // the module's path
}

// versionsOf lists the modules of a program of which the profiles name no package. If they
// name one, another version is another module that the program uses.
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

// majorVersion returns the major version that the rest of an import path begins with:
// "/v2" of "/v2/store", ".v3" of "gopkg.in/yaml.v3".
func majorVersion(rest string) string { return strings.TrimSuffix(major.FindString(rest), "/") }

// pathNow returns the import path that a package of a profile has in the checkout.
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
