//go:build unix

package textedit

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and group described by info as far as the system
// lets it, which for other owners is only the case for the superuser.
func keepOwner(f *os.File, info fs.FileInfo) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return
	}
	if f.Chown(int(st.Uid), int(st.Gid)) != nil {
		f.Chown(-1, int(st.Gid))
	}
}

// syncDir writes a directory to the disk, so that a rename in it survives a
// crash. It is best effort: not every file system can do it.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
