package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// main runs one mode of a case. Every case declares the three functions:
//
//	seq   runs a sequence on one goroutine and prints what comes out
//	peer  calls [progress]
//	race  calls [together]
func main() {
	switch os.Args[1] {
	case "seq":
		seq()
	case "peer":
		peer()
	case "race":
		race()
	}
}

// show prints the results of a call, or with what it panics.
func show(name string, f func() []any) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Printf("%s: panic: %v\n", name, r)
		}
	}()
	fmt.Printf("%s: %v\n", name, f())
}

func results(list ...any) []any { return list }

// free prints whether a lock can be taken. TryLock is found by its name: a program
// that names it relies on the lock being held, and nothing would be rewritten.
func free(l sync.Locker) {
	if !reflect.ValueOf(l).MethodByName("TryLock").Call(nil)[0].Bool() {
		fmt.Println("the lock is held")
		return
	}
	l.Unlock()
	fmt.Println("the lock is free")
}

// patience is how long another goroutine is waited for before it counts as
// stuck.
const patience = 1500 * time.Millisecond

// progress starts block, waits until the function named fn waits in it, and
// says whether other returns before release is called.
func progress(fn string, block, other, release func()) {
	var wg sync.WaitGroup
	wg.Go(block)
	waitFor(fn)
	done := make(chan bool)
	wg.Go(func() {
		other()
		close(done)
	})
	select {
	case <-done:
		fmt.Println("peer: progress")
	case <-time.After(patience):
		fmt.Println("peer: stuck")
	}
	release()
	wg.Wait()
	<-done
}

var header = regexp.MustCompile(`^goroutine \d+ \[([^],]*)`)

// waitFor waits until a goroutine waits for something inside the function.
func waitFor(fn string) {
	buf := make([]byte, 1<<20)
	for {
		for _, g := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			m := header.FindStringSubmatch(g)
			if m == nil || !strings.Contains(g, fn) {
				continue
			}
			switch m[1] {
			case "chan receive", "chan send", "select", "IO wait", "sleep", "sync.WaitGroup.Wait", "sync.Cond.Wait":
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// together runs the functions in goroutines of their own, many times each.
func together(list ...func(i int)) {
	var wg sync.WaitGroup
	for _, f := range list {
		for range 2 {
			wg.Go(func() {
				for i := range 50 {
					f(i)
				}
			})
		}
	}
	wg.Wait()
	fmt.Println("race: done")
}
