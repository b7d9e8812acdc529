package config

import (
	"path"
	"strings"
)

// A pattern names files and directories, relative to the project file. Its
// elements are matched one by one as by [path.Match], "..." stands for any
// number of them, and a directory stands for all that is in it.
type pattern []string

// parsePattern parses a pattern. The error is a phrase for a message.
func parsePattern(s string) (p pattern, wrong string) {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "./"), "/")
	if s == "" || s == "." {
		return nil, "a path is missing: to leave out everything, do not run letgo"
	}
	if strings.HasPrefix(s, "/") {
		return nil, "the path is absolute: want one relative to the directory of this file"
	}
	p = strings.Split(s, "/")
	for _, element := range p {
		switch _, err := path.Match(element, ""); {
		case err != nil:
			return nil, "bad pattern " + element + ": see go doc path.Match"
		case element == "..":
			return nil, "the path leads out of this file's directory"
		case element == "" || element == ".":
			return nil, "the path has an empty element"
		}
	}
	return p, ""
}

// matches reports whether the pattern matches a path or a directory above it.
func (p pattern) matches(parts []string) bool {
	if len(p) == 0 {
		return true
	}
	if p[0] == "..." {
		for i := range len(parts) + 1 {
			if p[1:].matches(parts[i:]) {
				return true
			}
		}
		return false
	}
	if len(parts) == 0 {
		return false
	}
	ok, _ := path.Match(p[0], parts[0])
	return ok && p[1:].matches(parts[1:])
}
