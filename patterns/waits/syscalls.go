package waits

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"github.com/letgo-dev/letgo/patterns/blocking"
)

// Whether some system calls wait depends on their arguments, and some are made by number:
//
//	syscall.Syscall(syscall.SYS_FSYNC, uintptr(fd), 0, 0)

// A systemCall describes a system call that can wait.
type systemCall struct {
	category string
	effect   blocking.Effect
	why      string

	// arg is the argument that decides whether the call waits, -1 if there is none, and
	// waits reports whether it waits for a constant there.
	arg   int
	waits func(int64) bool

	// commands are the constants of the package for which the call waits, in place of waits.
	commands []string
}

const noArg = -1

func nonzero(n int64) bool { return n != 0 }

// hasNone accepts values with none of the flags that keep the call from waiting.
func hasNone(flags int64) func(int64) bool { return func(n int64) bool { return n&flags == 0 } }

// lockCommands are the commands of fcntl that wait for a file lock.
var lockCommands = []string{"F_SETLKW", "F_SETLKW64", "F_OFD_SETLKW"}

// Constants of Linux, which are the same on all its architectures, and of the
// BSDs where they have the call.
const (
	lockNow    = 4 | 8 // LOCK_NB, LOCK_UN
	waitNoHang = 1     // WNOHANG
	futexOps   = 127   // FUTEX_CMD_MASK
)

// futexWaits reports whether an operation of futex waits: FUTEX_WAIT,
// FUTEX_LOCK_PI, FUTEX_WAIT_BITSET, FUTEX_WAIT_REQUEUE_PI.
func futexWaits(op int64) bool {
	switch op & futexOps {
	case 0, 6, 9, 11:
		return true
	}
	return false
}

// numbered are system calls by the name of their number. Arguments are counted as in a call
// of Syscall, whose first argument is the number.
var numbered = func() map[string]systemCall {
	m := make(map[string]systemCall)
	add := func(names, category string, effect blocking.Effect, why string) {
		for _, name := range strings.Fields(names) {
			m["SYS_"+name] = systemCall{category: category, effect: effect, why: why, arg: noArg}
		}
	}
	add("READ PREAD PREAD64 READV PREADV PREADV2 OPEN OPENAT GETDENTS64", "disk", blocking.EffectRead, "asks the system to read")
	add("WRITE PWRITE PWRITE64 WRITEV PWRITEV PWRITEV2 FTRUNCATE RENAME RENAMEAT RENAMEAT2 UNLINK UNLINKAT COPY_FILE_RANGE SENDFILE SPLICE", "disk", blocking.EffectWrite, "asks the system to write")
	add("FSYNC FDATASYNC MSYNC SYNC SYNCFS SYNC_FILE_RANGE", "fsync", blocking.EffectWrite, "waits until the data is on stable storage")
	add("ACCEPT ACCEPT4", "net", blocking.EffectRead, "waits for the next connection")
	add("RECVFROM RECVMSG RECVMMSG", "net", blocking.EffectRead, "waits for a packet")
	add("CONNECT", "net", blocking.EffectWrite, "waits for the connection")
	add("SENDTO SENDMSG SENDMMSG", "net", blocking.EffectWrite, "waits until the system has taken the packet to send")
	add("EPOLL_PWAIT2 PPOLL SELECT PSELECT6 _NEWSELECT KEVENT KEVENT64", "syscall", blocking.EffectWait, "waits until one of the files is ready")
	add("IO_GETEVENTS IO_URING_ENTER", "syscall", blocking.EffectWait, "waits until an operation has ended")
	add("MSGRCV MQ_TIMEDRECEIVE SEMOP SEMTIMEDOP RT_SIGTIMEDWAIT PAUSE", "syscall", blocking.EffectWait, "waits for another process")
	add("NANOSLEEP CLOCK_NANOSLEEP", "sleep", blocking.EffectWait, "sleeps for the given time")
	add("WAITID", "exec", blocking.EffectWait, "waits for a process to end")
	m["SYS_EPOLL_WAIT"] = systemCall{category: "syscall", effect: blocking.EffectWait, why: "waits until one of the files is ready", arg: 4, waits: nonzero}
	m["SYS_EPOLL_PWAIT"] = m["SYS_EPOLL_WAIT"]
	m["SYS_POLL"] = systemCall{category: "syscall", effect: blocking.EffectWait, why: "waits until one of the files is ready", arg: 3, waits: nonzero}
	m["SYS_FUTEX"] = systemCall{category: "syscall", effect: blocking.EffectWait, why: "waits until another thread wakes it", arg: 2, waits: futexWaits}
	m["SYS_FLOCK"] = systemCall{category: "syscall", effect: blocking.EffectWait, why: "waits until no other process holds the file lock", arg: 2, waits: hasNone(lockNow)}
	m["SYS_WAIT4"] = systemCall{category: "exec", effect: blocking.EffectWait, why: "waits for a process to end", arg: 3, waits: hasNone(waitNoHang)}
	m["SYS_FCNTL"] = systemCall{category: "syscall", effect: blocking.EffectWait, why: "waits until no other process holds the file lock", arg: 2, commands: lockCommands}
	m["SYS_FCNTL64"] = m["SYS_FCNTL"]
	return m
}()

// conditional are functions of the table for which an argument decides whether they wait.
var conditional = map[string]systemCall{
	"EpollWait": {arg: 2, waits: nonzero},
	"Poll":      {arg: 1, waits: nonzero},
	"Flock":     {arg: 1, waits: hasNone(lockNow)},
	"Wait4":     {arg: 2, waits: hasNone(waitNoHang)},

	"FcntlFlock": {arg: 1, commands: lockCommands},
}

// foreign are system calls that Linux lacks, so the table, which is checked on Linux, has
// no line for them.
var foreign = map[string]systemCall{
	"syscall.Kevent":                                     {category: "syscall", effect: blocking.EffectWait, why: "waits until one of the files is ready", arg: noArg},
	"golang.org/x/sys/unix.Kevent":                       {category: "syscall", effect: blocking.EffectWait, why: "waits until one of the files is ready", arg: noArg},
	"syscall.WaitForSingleObject":                        {category: "syscall", effect: blocking.EffectWait, why: "waits until the object is signalled", arg: 1, waits: nonzero},
	"golang.org/x/sys/windows.WaitForSingleObject":       {category: "syscall", effect: blocking.EffectWait, why: "waits until the object is signalled", arg: 1, waits: nonzero},
	"golang.org/x/sys/windows.WaitForMultipleObjects":    {category: "syscall", effect: blocking.EffectWait, why: "waits until one of the objects is signalled", arg: 2, waits: nonzero},
	"syscall.GetQueuedCompletionStatus":                  {category: "syscall", effect: blocking.EffectWait, why: "waits until an operation has ended", arg: 4, waits: nonzero},
	"golang.org/x/sys/windows.GetQueuedCompletionStatus": {category: "syscall", effect: blocking.EffectWait, why: "waits until an operation has ended", arg: 4, waits: nonzero},
	"golang.org/x/sys/windows.DisconnectNamedPipe":       {category: "syscall", effect: blocking.EffectWait, why: "waits for the other side of the pipe", arg: noArg},
	"golang.org/x/sys/windows.ConnectNamedPipe":          {category: "syscall", effect: blocking.EffectWait, why: "waits for the other side of the pipe", arg: noArg},
	"golang.org/x/sys/windows.LockFileEx":                {category: "syscall", effect: blocking.EffectWait, why: "waits until no other process holds the file lock", arg: 1, waits: hasNone(1)},
	"golang.org/x/sys/windows.FlushFileBuffers":          {category: "fsync", effect: blocking.EffectWrite, why: "waits until the data is on stable storage", arg: noArg},
	"syscall.FlushFileBuffers":                           {category: "fsync", effect: blocking.EffectWrite, why: "waits until the data is on stable storage", arg: noArg},
}

// system handles a system call, and reports whether nothing else is known of the
// call.
func (w *Waiter) system(c *ast.CallExpr, fn *types.Func, name string, deferred bool) bool {
	if fn.Pkg() == nil || fn.Signature().Recv() != nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "syscall", "golang.org/x/sys/unix", "golang.org/x/sys/windows":
	default:
		return false
	}
	sc, ok := foreign[name]
	switch fn.Name() {
	case "Syscall", "Syscall6", "Syscall9", "RawSyscall", "RawSyscall6", "SyscallNoError", "RawSyscallNoError":
		number := constantOf(w.U.Pkg.Info, c.Args[0])
		if number == nil {
			return false
		}
		if sc, ok = numbered[number.Name()]; ok {
			name += " with " + number.Name()
		}
	case "EpollWait", "Poll", "Flock", "Wait4", "FcntlFlock":
		return !w.waitsBy(c, fn.Pkg(), conditional[fn.Name()])
	}
	if !ok || !w.waitsBy(c, fn.Pkg(), sc) {
		return false
	}
	w.op(c, Op{Category: sc.category, Effect: sc.effect, Safety: blocking.SafetySafe, What: name, Why: sc.why, Deferred: deferred})
	return true
}

// waitsBy reports whether the deciding argument of a call lets it wait, as far as that is a
// constant.
func (w *Waiter) waitsBy(c *ast.CallExpr, pkg *types.Package, sc systemCall) bool {
	if sc.arg == noArg || sc.waits == nil && sc.commands == nil || sc.arg >= len(c.Args) {
		return true
	}
	v := w.U.Pkg.Info.Types[c.Args[sc.arg]].Value
	if v == nil {
		return sc.commands == nil || sc.category == "" // most commands of fcntl do not wait
	}
	for _, name := range sc.commands {
		if k, ok := pkg.Scope().Lookup(name).(*types.Const); ok && constant.Compare(v, token.EQL, k.Val()) {
			return true
		}
	}
	if sc.waits == nil {
		return false
	}
	n, ok := constant.Int64Val(constant.ToInt(v))
	return !ok || sc.waits(n)
}

// constantOf returns the constant that an expression names, or nil.
func constantOf(info *types.Info, e ast.Expr) *types.Const {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		c, _ := info.Uses[e].(*types.Const)
		return c
	case *ast.SelectorExpr:
		c, _ := info.Uses[e.Sel].(*types.Const)
		return c
	case *ast.CallExpr: // uintptr(syscall.SYS_READ)
		if tv := info.Types[e.Fun]; tv.IsType() && len(e.Args) == 1 {
			return constantOf(info, e.Args[0])
		}
	}
	return nil
}
