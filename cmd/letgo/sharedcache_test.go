package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var withSharedCache = flag.Bool("sharedcache", false, "also share findings by GOCACHEPROG: compiles a part of the standard library twice")

// cacheModule has a cache server and the program that lets the go command use it.
const (
	cacheModule  = "github.com/bradfitz/go-tool-cache/cmd/"
	cacheVersion = "@v0.0.0-20260722201841-0bb331e19f64"
)

// TestSharedCache checks that a machine with an empty cache gets the findings
// from a store that another one has filled, without a letgo process.
func TestSharedCache(t *testing.T) {
	if !*withSharedCache {
		t.Skip("takes long; run with -sharedcache")
	}
	bin := t.TempDir()
	for _, name := range []string{"go-cacher", "go-cacher-server"} {
		cmd := exec.Command("go", "install", cacheModule+name+cacheVersion)
		cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go install %s: %v\n%s", name, err, out)
		}
	}
	address := serveCache(t, filepath.Join(bin, "go-cacher-server"))
	log := filepath.Join(t.TempDir(), "log")
	tool := filepath.Join(t.TempDir(), "letgo")
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *.cfg) echo run >>%s;; esac\nexec %s \"$@\"\n", log, letgoBinary(t))
	if err := os.WriteFile(tool, []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	dir := driverModule(t, "../../testdata/drivers/small.txtar")
	machine := func() (findings []string, processes int) {
		if err := os.WriteFile(log, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		t.Setenv("GOCACHEPROG", fmt.Sprintf("%s -cache-dir %s -cache-server http://%s", filepath.Join(bin, "go-cacher"), t.TempDir(), address))
		out, _ := runIn(t, dir, []int{0}, "go", "vet", "-vettool="+tool, "-json", "./...")
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		return vetFindings(t, dir, vetComments(out)), strings.Count(string(text), "run\n")
	}
	start := time.Now()
	first, n := machine()
	middle := time.Now()
	second, m := machine()
	t.Logf("first machine: %d processes, %v; second: %d processes, %v", n, middle.Sub(start).Round(time.Millisecond), m, time.Since(middle).Round(time.Millisecond))
	if n == 0 || len(first) == 0 {
		t.Errorf("the first machine found %q in %d processes", first, n)
	}
	if m != 0 || strings.Join(first, "\n") != strings.Join(second, "\n") {
		t.Errorf("the second machine found %q in %d processes, and the first %q", second, m, first)
	}
}

// serveCache starts a cache server and returns its address.
func serveCache(t *testing.T, program string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(program, "-cache-dir", t.TempDir(), "-listen", address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the cache server does not answer")
	return ""
}
