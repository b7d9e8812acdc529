package outcome

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/internal/scratch"
	"github.com/letgo-dev/letgo/patterns"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/letgo-dev/letgo/rewrite/textedit"
	"github.com/letgo-dev/letgo/rewrite/verify"
)

const ByteOrderMark = "\xef\xbb\xbf"

// OnDisk converts a content of the file to the form that it has on disk: with the
// file's line ends and byte order mark.
func OnDisk(f *patterns.File, content []byte) []byte {
	var out []byte
	if f.BOM {
		out = append(out, ByteOrderMark...)
	}
	if f.CRLF {
		content = bytes.ReplaceAll(content, []byte("\n"), []byte("\r\n"))
	}
	return append(out, content...)
}

// DiskEdits converts edits of the file's content into edits of the file on disk.
func DiskEdits(f *patterns.File, edits []textedit.Edit) []textedit.Edit {
	out := make([]textedit.Edit, len(edits))
	for i, e := range edits {
		out[i] = textedit.Edit{Start: diskOffset(f, e.Start), End: diskOffset(f, e.End), New: e.New}
		if f.CRLF {
			out[i].New = strings.ReplaceAll(e.New, "\n", "\r\n")
		}
	}
	return out
}

func diskOffset(f *patterns.File, offset int) int {
	n := offset
	if f.BOM {
		n += len(ByteOrderMark)
	}
	if f.CRLF {
		n += bytes.Count(f.Content[:offset], []byte("\n"))
	}
	return n
}

// Diff returns the unified diff of changed files, with names relative to the working
// directory. It also returns the names of those outside of it, to which such a diff
// cannot be applied.
func Diff(a *app.App, changes []verify.Change) (text []byte, outside []string, err error) {
	var files []textedit.File
	for _, c := range changes {
		name, ok := a.Below(c.File.Name)
		if !ok {
			outside = append(outside, a.Rel(c.File.Name))
			continue
		}
		files = append(files, textedit.File{Path: name, Old: OnDisk(c.File, c.File.Content), New: OnDisk(c.File, c.Content())})
	}
	text, err = textedit.Unified(files, 3)
	return text, outside, err
}

// Write writes all changes, or none if one file cannot be written. It returns the names
// of the files written. If not all were written, the error says which were.
func Write(ctx context.Context, a *app.App, changes []verify.Change) (map[string]bool, error) {
	written := make(map[string]bool)
	if err := checkAll(a, changes); err != nil {
		return written, err
	}
	n, err := replaceAll(ctx, a, changes)
	for _, c := range changes[:n] {
		written[c.File.Name] = true
	}
	if err != nil {
		return written, writeError(a, changes, n, err)
	}
	return written, nil
}

// checkAll returns an error if one of the files could not be written.
func checkAll(a *app.App, changes []verify.Change) error {
	a.At("check", "")
	for _, c := range changes {
		if err := CheckWritable(c); err != nil {
			return fmt.Errorf("%s: %w; nothing was written", a.Rel(c.File.Name), err)
		}
	}
	return nil
}

// replaceAll writes changes, up to the first that cannot be, and returns how many
// were written.
func replaceAll(ctx context.Context, a *app.App, changes []verify.Change) (int, error) {
	a.Bar.Phase("writing files", len(changes))
	for i, c := range changes {
		a.At("write", c.File.Name)
		if ctx.Err() != nil {
			return i, ErrInterrupted
		}
		if err := Replace(c); err != nil {
			return i, err
		}
		a.Bar.Step()
	}
	return len(changes), nil
}

// RemoveStray removes what killed runs have left behind: temporary directories, and
// files next to those of the packages and the go.mod of their modules.
func RemoveStray(a *app.App, o *Outcome) {
	scratch.RemoveStray()
	dirs := make(map[string]bool)
	for name := range o.Files {
		dir := filepath.Dir(name)
		dirs[dir] = true
		dirs[cmp.Or(load.ModuleRoot(dir), dir)] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if err := textedit.RemoveStray(dir); err != nil {
			fmt.Fprintf(a.Stderr, "letgo: removing files that an earlier run left: %v\n", err)
		}
	}
}

// Replace writes one change.
func Replace(c verify.Change) error {
	if c.File.Absent {
		return textedit.Create(c.File.Name, OnDisk(c.File, c.Content()))
	}
	return textedit.Replace(c.File.Name, OnDisk(c.File, c.File.Content), OnDisk(c.File, c.Content()))
}

// writeError says why writing ended at the file with index i, and how far it got.
func writeError(a *app.App, changes []verify.Change, i int, err error) error {
	if i == 0 {
		if err == ErrInterrupted {
			return errors.New("interrupted; nothing was written")
		}
		return fmt.Errorf("%s: %w; nothing was written", a.Rel(changes[0].File.Name), PlainError(err))
	}
	names := func(list []verify.Change) string { return strings.Join(names(a, list), ", ") }
	if err != ErrInterrupted {
		err = fmt.Errorf("%s: %w", a.Rel(changes[i].File.Name), PlainError(err))
	}
	return fmt.Errorf("%w; written: %s; not written: %s; run the same command again to continue",
		err, names(changes[:i]), names(changes[i:]))
}

// CheckWritable returns an error if the file has changed since it was read, or could
// not be replaced.
func CheckWritable(c verify.Change) error {
	if c.File.Absent {
		if _, err := os.Lstat(c.File.Name); err == nil {
			return textedit.ErrChanged
		}
		if dir, err := filepath.EvalSymlinks(filepath.Dir(c.File.Name)); err != nil {
			return PlainError(err)
		} else if err := checkInside(c.File.Name, filepath.Join(dir, filepath.Base(c.File.Name))); err != nil {
			return err
		}
		return checkDir(c.File.Name)
	}
	name, err := filepath.EvalSymlinks(c.File.Name)
	if err != nil {
		return PlainError(err)
	}
	if err := checkInside(c.File.Name, name); err != nil {
		return err
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return PlainError(err)
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	case info.Mode()&0o200 == 0:
		return errors.New("the file is read-only")
	}
	now, err := os.ReadFile(name)
	if err != nil {
		return PlainError(err)
	}
	if !bytes.Equal(now, OnDisk(c.File, c.File.Content)) {
		return textedit.ErrChanged
	}
	return checkDir(name)
}

// checkInside returns an error if a file lies outside of the directory of its module:
// target is what it comes to when symbolic links are followed. Who runs letgo in a
// module does not expect it to write elsewhere.
func checkInside(name, target string) error {
	root := load.ModuleRoot(filepath.Dir(name))
	if root == "" {
		root = filepath.Dir(name)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return PlainError(err)
	}
	if rel, err := filepath.Rel(real, target); err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("a symbolic link leads out of the module, to %s; run letgo there", target)
	}
	return nil
}

// checkDir returns an error if no file can be made beside the named one.
func checkDir(name string) error {
	f, err := os.CreateTemp(filepath.Dir(name), textedit.TempPattern(name))
	if err != nil {
		return fmt.Errorf("cannot create a file in its directory: %w", PlainError(err))
	}
	f.Close()
	return os.Remove(f.Name())
}

// PlainError removes the path from an error that is printed after it.
func PlainError(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	if errors.Is(err, textedit.ErrChanged) {
		return textedit.ErrChanged
	}
	return err
}
