package textedit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrChanged is returned by [Replace] if the content of the file is not what the
// caller expected.
var ErrChanged = errors.New("the file has changed since it was read")

// disk holds the steps of [Replace] that can fail on a real disk, so that tests
// can make them fail.
type disk struct {
	create func(dir, pattern string) (*os.File, error)
	write  func(f *os.File, b []byte) error
	sync   func(f *os.File) error
	rename func(from, to string) error
}

var realDisk = disk{
	create: os.CreateTemp,
	write:  func(f *os.File, b []byte) error { _, err := f.Write(b); return err },
	sync:   (*os.File).Sync,
	rename: os.Rename,
}

// Replace atomically replaces the content of the file at path, which must be
// old, with new. Even after a crash, the file has one content or the other. The
// mode is kept, and the owner if the system permits. If path is a symbolic link,
// its target is replaced. Other hard links to the file keep the old content.
//
// The error wraps [ErrChanged] if the content is not (or no longer) old, and
// [fs.ErrPermission] if the file's mode denies its owner write access. The
// system would permit the rename, but the file was made read-only on purpose.
// On any error, the file is unchanged and nothing is left behind.
func Replace(path string, old, new []byte) error {
	return realDisk.replace(path, old, new)
}

func (d disk) replace(path string, old, new []byte) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	switch {
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", path)
	case info.Mode()&0o200 == 0:
		return fmt.Errorf("%s is read-only: %w", path, fs.ErrPermission)
	}
	if err := unchanged(target, path, old); err != nil {
		return err
	}
	f, err := d.create(filepath.Dir(target), TempPattern(target))
	if err != nil {
		return err
	}
	err = d.fill(f, info, new)
	if err == nil {
		err = unchanged(target, path, old)
	}
	if err == nil {
		err = d.rename(f.Name(), target)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	syncDir(filepath.Dir(target))
	return nil
}

// Create creates a new file. The error wraps [fs.ErrExist] if the file exists.
// On any error, nothing is left behind.
func Create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(path)
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

func unchanged(target, path string, old []byte) error {
	now, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, old) {
		return fmt.Errorf("%s: %w", path, ErrChanged)
	}
	return nil
}

// fill writes b to f, gives f the owner and mode in info, and closes it. If it
// returns nil, the content has been synced to disk.
func (d disk) fill(f *os.File, info fs.FileInfo, b []byte) (err error) {
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	if err := d.write(f, b); err != nil {
		return err
	}
	// Set the owner first, since that clears the setuid and setgid bits.
	keepOwner(f, info)
	if err := f.Chmod(info.Mode()); err != nil {
		return err
	}
	return d.sync(f)
}
