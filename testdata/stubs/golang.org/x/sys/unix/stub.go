// Package unix is a stub: the functions of v0.49.0 that blocking.txt names, and the
// types in their signatures.
package unix

func Accept(fd int) (nfd int, sa Sockaddr, err error)
func Accept4(fd int, flags int) (nfd int, sa Sockaddr, err error)
func Access(path string, mode uint32) (err error)
func ClockNanosleep(clockid int32, flags int, request *Timespec, remain *Timespec) (err error)
func Connect(fd int, sa Sockaddr) (err error)
func CopyFileRange(rfd int, roff *int64, wfd int, woff *int64, len int, flags int) (n int, err error)
func EpollWait(epfd int, events []EpollEvent, msec int) (n int, err error)
func Fallocate(fd int, mode uint32, off int64, len int64) (err error)
func FcntlFlock(fd uintptr, cmd int, lk *Flock_t) error
func Fdatasync(fd int) (err error)
func Flock(fd int, how int) (err error)
func Fstat(fd int, stat *Stat_t) (err error)
func Fstatat(dirfd int, path string, stat *Stat_t, flags int) (err error)
func Fsync(fd int) (err error)
func Ftruncate(fd int, length int64) (err error)
func Getdents(fd int, buf []byte) (n int, err error)
func Link(oldpath string, newpath string) (err error)
func Lstat(path string, stat *Stat_t) (err error)
func Mkdir(path string, mode uint32) (err error)
func Mkdirat(dirfd int, path string, mode uint32) (err error)
func Mknod(path string, mode uint32, dev int) (err error)
func Mount(source string, target string, fstype string, flags uintptr, data string) (err error)
func Msync(b []byte, flags int) (err error)
func Nanosleep(time *Timespec, leftover *Timespec) (err error)
func Open(path string, mode int, perm uint32) (fd int, err error)
func Openat(dirfd int, path string, flags int, mode uint32) (fd int, err error)
func Poll(fds []PollFd, timeout int) (n int, err error)
func Ppoll(fds []PollFd, timeout *Timespec, sigmask *Sigset_t) (n int, err error)
func Pread(fd int, p []byte, offset int64) (n int, err error)
func Preadv(fd int, iovs [][]byte, offset int64) (n int, err error)
func Pselect(nfd int, r *FdSet, w *FdSet, e *FdSet, timeout *Timespec, sigmask *Sigset_t) (n int, err error)
func Pwrite(fd int, p []byte, offset int64) (n int, err error)
func Pwritev(fd int, iovs [][]byte, offset int64) (n int, err error)
func Read(fd int, p []byte) (n int, err error)
func ReadDirent(fd int, buf []byte) (n int, err error)
func Readlink(path string, buf []byte) (n int, err error)
func Readv(fd int, iovs [][]byte) (n int, err error)
func Recvfrom(fd int, p []byte, flags int) (n int, from Sockaddr, err error)
func Recvmsg(fd int, p []byte, oob []byte, flags int) (n int, oobn int, recvflags int, from Sockaddr, err error)
func Rename(oldpath string, newpath string) (err error)
func Renameat(olddirfd int, oldpath string, newdirfd int, newpath string) (err error)
func Rmdir(path string) error
func Select(nfd int, r *FdSet, w *FdSet, e *FdSet, timeout *Timeval) (n int, err error)
func Sendfile(outfd int, infd int, offset *int64, count int) (written int, err error)
func Sendmsg(fd int, p []byte, oob []byte, to Sockaddr, flags int) (err error)
func SendmsgN(fd int, p []byte, oob []byte, to Sockaddr, flags int) (n int, err error)
func Sendto(fd int, p []byte, flags int, to Sockaddr) (err error)
func Stat(path string, stat *Stat_t) (err error)
func Statfs(path string, buf *Statfs_t) (err error)
func Symlink(oldpath string, newpath string) (err error)
func Sync()
func Syncfs(fd int) (err error)
func Truncate(path string, length int64) (err error)
func Unlink(path string) error
func Unlinkat(dirfd int, path string, flags int) (err error)
func Unmount(target string, flags int) (err error)
func Wait4(pid int, wstatus *WaitStatus, options int, rusage *Rusage) (wpid int, err error)
func Waitid(idType int, id int, info *Siginfo, options int, rusage *Rusage) (err error)
func Write(fd int, p []byte) (n int, err error)
func Writev(fd int, iovs [][]byte) (n int, err error)

type EpollEvent struct{}

type FdSet struct{}

type Flock_t struct{}

type PollFd struct{}

type Rusage struct{}

type Siginfo struct{}

type Sigset_t struct{}

type Sockaddr interface{}

type Stat_t struct{}

type Statfs_t struct{}

type Timespec struct{}

type Timeval struct{}

type WaitStatus uint32
