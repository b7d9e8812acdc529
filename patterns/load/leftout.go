package load

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/letgo-dev/letgo/patterns"
)

// leftOut returns the Go files of a directory that are not in loaded, which has absolute
// names. The contents of unsaved files come from the overlay.
func leftOut(dir string, loaded []string, unsaved map[string][]byte) *patterns.LeftOut {
	return patterns.NewLeftOut(func() []patterns.LeftOutFile {
		var files []patterns.LeftOutFile
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil
		}
		for _, e := range entries {
			name := filepath.Join(dir, e.Name())
			if !patterns.IsLeftOutName(name) || slices.Contains(loaded, name) {
				continue
			}
			text, ok := unsaved[name]
			if !ok {
				if text, err = os.ReadFile(name); err != nil {
					continue
				}
			}
			files = append(files, patterns.LeftOutFile{Name: name, Content: normalize(text).content})
		}
		return files
	})
}

// noteLeftOut sets LeftOut of every package to the files in its directory that no package
// has.
func noteLeftOut(pkgs []*patterns.Package, unsaved map[string][]byte) {
	loaded := make(map[string][]string)
	for _, p := range pkgs {
		for _, f := range p.Files {
			loaded[p.Dir] = append(loaded[p.Dir], f.Name)
		}
	}
	for _, p := range pkgs {
		p.LeftOut = leftOut(p.Dir, loaded[p.Dir], unsaved)
	}
}
