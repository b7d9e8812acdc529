package app

import (
	"path/filepath"
	"regexp"

	"github.com/letgo-dev/letgo/patterns"
)

// placeInText is a place in another file, as [patterns.Package.Place] names it.
var placeInText = regexp.MustCompile(`([^\s("',:]+\.go)(:\d+)`)

// Local names the places in a question or a refusal like the rest of the output:
// relative to the working directory. In the text they are relative to the module.
func (a *App) Local(p *patterns.Package, text string) string {
	root := p.Root()
	if root == a.Dir {
		return text
	}
	return placeInText.ReplaceAllStringFunc(text, func(place string) string {
		part := placeInText.FindStringSubmatch(place)
		name := filepath.FromSlash(part[1])
		if !filepath.IsAbs(name) {
			name = filepath.Join(root, name)
		}
		return a.Rel(name) + part[2]
	})
}
