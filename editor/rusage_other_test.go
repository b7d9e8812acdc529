//go:build !unix

package editor_test

import "time"

func processTime() time.Duration { return 0 }
