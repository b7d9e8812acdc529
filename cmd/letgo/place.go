package main

import (
	"path/filepath"
	"regexp"

	"github.com/letgo-dev/letgo/patterns"
)

// placeInText is a place in another file, as [patterns.Package.Place] names it.
var placeInText = regexp.MustCompile(`([^\s("',:]+\.go)(:\d+)`)

// local names the places in a question or a refusal as the rest of the output does:
// relative to the working directory. In the text they are relative to the module.
func (a *app) local(p *patterns.Package, text string) string {
	root := p.Root()
	if root == a.dir {
		return text
	}
	return placeInText.ReplaceAllStringFunc(text, func(place string) string {
		part := placeInText.FindStringSubmatch(place)
		name := filepath.FromSlash(part[1])
		if !filepath.IsAbs(name) {
			name = filepath.Join(root, name)
		}
		return a.rel(name) + part[2]
	})
}
