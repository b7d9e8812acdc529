package shapes

import (
	"github.com/letgo-dev/letgo/rewrite/shapes/buffer"
)

// Buffer writes into a buffer under the lock what the section writes to somebody who may
// be slow: the client of a request, a connection, a file. That is written in one piece
// once the lock is released.
//
// It applies if all that the section waits for is one writer that the function is given or
// has made, and if every use of it can do with a buffer: functions of package fmt,
// encoders, templates, Write itself. Everything that is written is read under the lock, as
// before, however it is nested. It takes the memory of the whole output. The section must
// not be left between two writes, nor need the lock after the last one.
//
// An error of the last write is handled as before, and so is one of the writer, which now
// comes after it.
//
//	// before
//	func (s *Stats) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		s.mu.Lock()
//		defer s.mu.Unlock()
//		for name, c := range s.counters {
//			fmt.Fprintf(w, "%s %d\n", name, c.total)
//		}
//	}
//
//	// after
//	func (s *Stats) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		var buf bytes.Buffer
//		s.mu.Lock()
//		for name, c := range s.counters {
//			fmt.Fprintf(&buf, "%s %d\n", name, c.total)
//		}
//		s.mu.Unlock()
//
//		w.Write(buf.Bytes())
//	}
var Buffer = Shape{
	Name: "buffer",
	Doc:  "write into a buffer under the lock, and hand it on after the release",
	Plan: buffer.Plan,
}
