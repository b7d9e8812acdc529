package protocol

import (
	"runtime"
	"testing"
)

func TestURI(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("paths of Unix")
	}
	for _, test := range []struct {
		uri, path string
		ok        bool
	}{
		{"file:///a/b.go", "/a/b.go", true},
		{"FILE:///a/b.go", "/a/b.go", true},
		{"file://localhost/a/b.go", "/a/b.go", true},
		{"file:///a%20b/%C3%BC%23%3F.go", "/a b/ü#?.go", true},
		{"file:///a/../b//c.go", "/b/c.go", true},
		{"file://host/a", "", false},
		{"untitled:1", "", false},
		{"file:", "", false},
		{"::", "", false},
		{"file:///%zz", "", false},
	} {
		path, ok := URI(test.uri).Path()
		if ok != test.ok || ok && path != test.path {
			t.Errorf("the path of %s: %q, %v", test.uri, path, ok)
		}
	}
	for _, path := range []string{"/a b/ü.go", "/a#b?c%d.go", "/x:y/[z];=&+.go", "/😀"} {
		if got, ok := File(path).Path(); !ok || got != path {
			t.Errorf("%s becomes %s and then %q", path, File(path), got)
		}
	}
}
