// Package sftp is a stub: the functions of v1.13.12 that blocking.txt names, and the
// types in their signatures.
package sftp

import (
	"io"
	"os"
	"time"

	"golang.org/x/crypto/ssh"
)

func NewClient(conn *ssh.Client, opts ...ClientOption) (*Client, error)

type Client struct{}

func (*Client) Chmod(path string, mode os.FileMode) error
func (*Client) Chown(path string, uid int, gid int) error
func (*Client) Chtimes(path string, atime time.Time, mtime time.Time) error
func (*Client) Create(path string) (*File, error)
func (*Client) Getwd() (string, error)
func (*Client) Glob(pattern string) (matches []string, err error)
func (*Client) Link(oldname string, newname string) error
func (*Client) Lstat(p string) (os.FileInfo, error)
func (*Client) Mkdir(path string) error
func (*Client) MkdirAll(path string) error
func (*Client) Open(path string) (*File, error)
func (*Client) OpenFile(path string, f int) (*File, error)
func (*Client) PosixRename(oldname string, newname string) error
func (*Client) ReadDir(p string) ([]os.FileInfo, error)
func (*Client) ReadLink(p string) (string, error)
func (*Client) RealPath(path string) (string, error)
func (*Client) Remove(path string) error
func (*Client) RemoveAll(path string) error
func (*Client) RemoveDirectory(path string) error
func (*Client) Rename(oldname string, newname string) error
func (*Client) Stat(p string) (os.FileInfo, error)
func (*Client) StatVFS(path string) (*StatVFS, error)
func (*Client) Symlink(oldname string, newname string) error
func (*Client) Truncate(path string, size int64) error

type ClientOption func(*Client) error

type File struct{}

func (*File) Chmod(mode os.FileMode) error
func (*File) Close() error
func (*File) Read(b []byte) (int, error)
func (*File) ReadAt(b []byte, off int64) (int, error)
func (*File) ReadFrom(r io.Reader) (int64, error)
func (*File) Stat() (os.FileInfo, error)
func (*File) Sync() error
func (*File) Truncate(size int64) error
func (*File) Write(b []byte) (int, error)
func (*File) WriteAt(b []byte, off int64) (written int, err error)
func (*File) WriteTo(w io.Writer) (written int64, err error)

type RequestServer struct{}

func (*RequestServer) Serve() error

type Server struct{}

func (*Server) Serve() error

type StatVFS struct{}
