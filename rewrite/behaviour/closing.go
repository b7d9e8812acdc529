package behaviour

import (
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// EndsLife reports whether a function's name suggests that it ends the lifetime of an object:
// Close, stop, CloseWithError, dirtyClose, but not closed.
func EndsLife(name string) bool {
	word := func(w string) bool {
		return slices.ContainsFunc(ClosingWords, func(c string) bool { return strings.EqualFold(c, w) })
	}
	start := 0
	for i, r := range name {
		if i > start && (unicode.IsUpper(r) || r == '_') {
			if word(strings.Trim(name[start:i], "_")) {
				return true
			}
			start = i
		}
	}
	return word(strings.Trim(name[start:], "_")) || word(name)
}

// ClosingWords are the words in function names that suggest the end of an object's lifetime.
var ClosingWords = []string{"close", "stop", "shutdown", "release", "destroy", "kill", "free", "abort", "terminate", "dispose"}

// CloseSafe reports whether values of the type may be closed while in use: their documentation
// promises that other users get an error and nothing worse.
func CloseSafe(t types.Type) bool {
	switch strings.TrimPrefix(types.TypeString(t, nil), "*") {
	case "net.Conn", "net.Listener", "net.PacketConn", "net.TCPConn", "net.UnixConn", "net.UDPConn", "os.File",
		"database/sql.DB", "net/http.Server", "crypto/tls.Conn", "io.PipeReader", "io.PipeWriter", "time.Timer", "time.Ticker":
		return true
	}
	return false
}
