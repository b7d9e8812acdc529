// Package afero is a stub: the functions of v1.15.0 that blocking.txt names, and the
// types in their signatures.
package afero

import (
	"io"
	"os"
	"path/filepath"
	"time"
)

func DirExists(fs Fs, path string) (bool, error)
func Exists(fs Fs, path string) (bool, error)
func Glob(fs Fs, pattern string) (matches []string, err error)
func IsDir(fs Fs, path string) (bool, error)
func ReadDir(fs Fs, dirname string) ([]os.FileInfo, error)
func ReadFile(fs Fs, filename string) ([]byte, error)
func TempDir(fs Fs, dir string, prefix string) (name string, err error)
func TempFile(fs Fs, dir string, pattern string) (f File, err error)
func Walk(fs Fs, root string, walkFn filepath.WalkFunc) error
func WriteFile(fs Fs, filename string, data []byte, perm os.FileMode) error
func WriteReader(fs Fs, path string, r io.Reader) (err error)

type Afero struct{}

func (Afero) DirExists(path string) (bool, error)
func (Afero) Exists(path string) (bool, error)
func (Afero) IsDir(path string) (bool, error)
func (Afero) ReadDir(dirname string) ([]os.FileInfo, error)
func (Afero) ReadFile(filename string) ([]byte, error)
func (Afero) TempDir(dir string, prefix string) (name string, err error)
func (Afero) TempFile(dir string, pattern string) (f File, err error)
func (Afero) Walk(root string, walkFn filepath.WalkFunc) error
func (Afero) WriteFile(filename string, data []byte, perm os.FileMode) error
func (Afero) WriteReader(path string, r io.Reader) (err error)

type File interface {
	Readdir(count int) ([]os.FileInfo, error)
	Readdirnames(n int) ([]string, error)
	Stat() (os.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	WriteString(s string) (ret int, err error)
}

type Fs interface {
	Chmod(name string, mode os.FileMode) error
	Chown(name string, uid int, gid int) error
	Chtimes(name string, atime time.Time, mtime time.Time) error
	Create(name string) (File, error)
	Mkdir(name string, perm os.FileMode) error
	MkdirAll(path string, perm os.FileMode) error
	Open(name string) (File, error)
	OpenFile(name string, flag int, perm os.FileMode) (File, error)
	Remove(name string) error
	RemoveAll(path string) error
	Rename(oldname string, newname string) error
	Stat(name string) (os.FileInfo, error)
}

type MemMapFs struct{}

func (*MemMapFs) Create(name string) (File, error)
func (*MemMapFs) Mkdir(name string, perm os.FileMode) error
func (*MemMapFs) MkdirAll(path string, perm os.FileMode) error
func (*MemMapFs) Open(name string) (File, error)
func (*MemMapFs) OpenFile(name string, flag int, perm os.FileMode) (File, error)
func (*MemMapFs) Remove(name string) error
func (*MemMapFs) RemoveAll(path string) error
func (*MemMapFs) Rename(oldname string, newname string) error
func (*MemMapFs) Stat(name string) (os.FileInfo, error)

type OsFs struct{}

func (OsFs) Chmod(name string, mode os.FileMode) error
func (OsFs) Chown(name string, uid int, gid int) error
func (OsFs) Chtimes(name string, atime time.Time, mtime time.Time) error
func (OsFs) Create(name string) (File, error)
func (OsFs) Mkdir(name string, perm os.FileMode) error
func (OsFs) MkdirAll(path string, perm os.FileMode) error
func (OsFs) Open(name string) (File, error)
func (OsFs) OpenFile(name string, flag int, perm os.FileMode) (File, error)
func (OsFs) Remove(name string) error
func (OsFs) RemoveAll(path string) error
func (OsFs) Rename(oldname string, newname string) error
func (OsFs) Stat(name string) (os.FileInfo, error)
