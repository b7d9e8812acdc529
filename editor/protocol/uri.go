package protocol

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
)

// A URI names a document.
type URI string

// File returns the URI of a file with an absolute path.
func File(path string) URI {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/dir
	}
	return URI((&url.URL{Scheme: "file", Path: path}).String())
}

// Path returns the absolute path of a file, if the URI is that of one.
func (u URI) Path() (string, bool) {
	parsed, err := url.Parse(string(u))
	if err != nil || parsed.Scheme != "file" {
		return "", false
	}
	path := parsed.Path
	switch {
	case runtime.GOOS != "windows" && parsed.Host != "" && parsed.Host != "localhost":
		return "", false
	case runtime.GOOS == "windows" && parsed.Host != "":
		path = "//" + parsed.Host + path
	case runtime.GOOS == "windows":
		path = strings.TrimPrefix(path, "/")
		if len(path) > 1 && path[1] == ':' {
			path = strings.ToUpper(path[:1]) + path[1:] // clients write both
		}
	}
	path = filepath.Clean(filepath.FromSlash(path))
	return path, filepath.IsAbs(path)
}
