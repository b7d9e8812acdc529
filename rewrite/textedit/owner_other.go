//go:build !unix

package textedit

import (
	"io/fs"
	"os"
)

func keepOwner(*os.File, fs.FileInfo) {}

func syncDir(string) {}
