// Package config reads the project file .letgo.yaml, which configures letgo for all
// packages of a project. It may hold lines for the table of blocking functions, turn
// categories on and off, and name paths to skip.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/patterns/blocking"
)

// Name is the name of a project file.
const Name = ".letgo.yaml"

// A File is one project file. A nil *File says nothing.
type File struct {
	Name  string          // as it was given
	Dir   string          // what its paths are relative to
	Table *blocking.Table // the lines of its table, or nil

	categories map[string]bool
	skip       []skipLine
	tableLines map[string]int // where the lines of the table stand, by function
}

// A skipLine is one path to leave alone.
type skipLine struct {
	pattern
	text         string
	line, column int
}

// Categories returns the categories to report: those that are on by default, changed as
// the file says. It is nil if the file says nothing.
func (f *File) Categories() []string {
	if f == nil || len(f.categories) == 0 {
		return nil
	}
	names := []string{}
	for _, c := range blocking.Categories() {
		on, said := f.categories[c.Name]
		if on || !said && c.Default {
			names = append(names, c.Name)
		}
	}
	return names
}

// Skips reports whether the file says to skip the named file.
func (f *File) Skips(name string) bool {
	if f == nil {
		return false
	}
	rel, err := filepath.Rel(f.Dir, name)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	return slices.ContainsFunc(f.skip, func(s skipLine) bool { return s.matches(parts) })
}

// An Error is one mistake in a project file, or several.
type Error struct {
	Mistakes []string // "name:line:column: what is wrong", in the order of the file
}

func (e *Error) Error() string { return strings.Join(e.Mistakes, "\n") }

// Find returns the project file for the package in a directory: the nearest one
// in the directory or above it, up to the root of its module. It returns "" if
// there is none. root is the module's, which must be dir or above it; if it is
// "", only dir itself is searched.
func Find(dir, root string) (string, error) {
	for {
		name := filepath.Join(dir, Name)
		switch _, err := os.Stat(name); {
		case err == nil:
			return name, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		up := filepath.Dir(dir)
		if root == "" || dir == root || up == dir {
			return "", nil
		}
		dir = up
	}
}

// A Set reads the project files that some packages need, each once.
type Set struct {
	// Only is the file to use for all packages, "" to look for one.
	Only string
	// Display turns the name of a file into what is printed; nil leaves it.
	Display func(string) string

	files map[string]*File
}

// For returns the file for the package in a directory of the module with the
// given root, or nil if there is none. The error is an [*Error] for mistakes in
// the file.
func (s *Set) For(dir, root string) (*File, error) {
	name := s.Only
	if name == "" {
		var err error
		if name, err = Find(dir, root); err != nil || name == "" {
			return nil, err
		}
	}
	if f := s.files[name]; f != nil {
		return f, nil
	}
	content, err := ReadFile(name, maxProject)
	if err != nil {
		return nil, fmt.Errorf("reading the project file: %w", err)
	}
	shown := name
	if s.Display != nil {
		shown = s.Display(name)
	}
	f, err := Parse(shown, content)
	if err != nil {
		return nil, err
	}
	f.Dir = filepath.Dir(name)
	if s.files == nil {
		s.files = make(map[string]*File)
	}
	s.files[name] = f
	return f, nil
}

// Table returns base with the lines of all files read so far. If two files have lines
// for the same function, the file whose name sorts last wins.
func (s *Set) Table(base *blocking.Table) *blocking.Table {
	var files []*File
	for _, f := range s.files {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *File) int {
		return cmp.Or(strings.Compare(a.Dir, b.Dir), strings.Compare(a.Name, b.Name))
	})
	for _, f := range files {
		if f.Table != nil {
			base = base.With(f.Table)
		}
	}
	return base
}
