//go:build unix

package textedit

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and group in info, as far as the system permits.
// Only the superuser can change the owner.
func keepOwner(f *os.File, info fs.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	if f.Chown(int(st.Uid), int(st.Gid)) != nil {
		f.Chown(-1, int(st.Gid))
	}
}

// syncDir syncs a directory to disk, so that a rename in it survives a crash.
// It is best effort, since not every file system supports it.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
