package main

import (
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// The tests in this file hold what "letgo help rust" says of the Go runtime.

// TestMutexHasNoOwner unlocks a mutex in another goroutine than the one that has
// locked it: there is nothing that must not be sent.
func TestMutexHasNoOwner(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	done := make(chan bool)
	go func() {
		mu.Unlock()
		close(done)
	}()
	<-done
	if !mu.TryLock() {
		t.Error("the mutex is still locked")
	}
}

// TestThreads counts the threads: goroutines that wait for a mutex or a socket
// need none, those in a system call need one each, and the runtime starts it by
// itself, so that others go on.
func TestThreads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("reads from pipes")
	}
	threads := pprof.Lookup("threadcreate").Count
	const waiting = 500
	before := threads()
	var mu sync.Mutex
	var wg sync.WaitGroup
	mu.Lock()
	for range waiting {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
		})
	}
	time.Sleep(100 * time.Millisecond)
	mu.Unlock()
	wg.Wait()
	if n := threads() - before; n > waiting/10 {
		t.Errorf("%d goroutines that wait for a mutex take %d threads", waiting, n)
	}

	// In a read that the runtime's poller knows nothing of, and more of them than
	// there are threads already.
	blocked := threads() + 20
	defer wg.Wait() // after all pipes are closed
	for range blocked {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		fd := int(r.Fd()) // sets the pipe to blocking
		wg.Go(func() {
			defer r.Close()
			syscall.Read(fd, make([]byte, 1))
		})
		defer w.Close()
	}
	for deadline := time.Now().Add(20 * time.Second); threads() < blocked && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond) // this goroutine runs on
	}
	if n := threads(); n < blocked {
		t.Errorf("%d goroutines in system calls take %d threads", blocked, n)
	}
}

// TestDeferred checks that a deferred unlock runs where Drop does: at a panic,
// and when the goroutine ends itself.
func TestDeferred(t *testing.T) {
	var mu sync.Mutex
	for name, end := range map[string]func(){"panic": func() { panic("x") }, "Goexit": runtime.Goexit} {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { recover() }()
			mu.Lock()
			defer mu.Unlock()
			end()
		}()
		<-done
		if !mu.TryLock() {
			t.Fatalf("%s leaves the mutex locked", name)
		}
		mu.Unlock()
	}
	// Nothing is poisoned: the next one gets the lock and is told nothing.
}

// TestStackMoves grows a stack while there is a pointer into it: the variable
// moves, and the pointer with it.
func TestStackMoves(t *testing.T) {
	done := make(chan bool)
	go func() {
		defer close(done)
		var x [4]int
		p := &x[2]
		before := uintptr(unsafe.Pointer(p))
		grow(1000)
		*p = 7
		if before == uintptr(unsafe.Pointer(p)) {
			t.Error("the stack has not moved")
		}
		if x[2] != 7 {
			t.Error("the pointer does not point to the variable any more")
		}
	}()
	<-done
}

//go:noinline
func grow(n int) byte {
	var frame [1024]byte
	if n > 0 {
		frame[n%len(frame)] = grow(n - 1)
	}
	return frame[(n*7)%len(frame)]
}
