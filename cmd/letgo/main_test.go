package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/letgo-dev/letgo/cmd/letgo/app"
	"github.com/letgo-dev/letgo/cmd/letgo/outcome"
	"github.com/letgo-dev/letgo/internal/proftest"
	"github.com/letgo-dev/letgo/patterns/load"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "update the expected output in the scripts")

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == load.BuiltCommand {
		os.Exit(load.RefuseTool(os.Args[2:])) // and no test by mistake
	}
	os.Setenv("GOWORK", "off") // the tests make modules of their own
	testscript.Main(m, map[string]func(){"letgo": main, "letgo-spoilt": spoilt})
}

// spoilt is the command with a rewrite that is broken on purpose: in what a rewrite
// makes of a file, the environment variable SPOIL has a text, "=>" and what comes in
// its place. Only this test program knows it.
func spoilt() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	old, bad, _ := strings.Cut(strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(os.Getenv("SPOIL")), "=>")
	a := &command{&app.App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}}
	a.Spoil = func(content []byte) []byte { return bytes.Replace(content, []byte(old), []byte(bad), 1) }
	os.Exit(a.run(ctx, os.Args[1:]))
}

// TestScripts runs the scripts in testdata/cmd. Each is one text file: what to
// run, the Go files to run it on, and what it prints. With -update the expected
// output is written anew.
func TestScripts(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Skipf("the go command does not work: %v", err)
	}
	modcache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skipf("the go command does not work: %v", err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/cmd",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			e.Setenv("GOPATH", e.WorkDir+"/.gopath")
			e.Setenv("GOPROXY", "off")
			e.Setenv("MODCACHE", strings.TrimSpace(string(modcache))) // for scripts that need a module
			e.Setenv("GOTOOLCHAIN", "local")
			e.Setenv("GOFLAGS", "")
			e.Setenv("GOWORK", "off") // this environment is a new one
			// The go command ignores a go.mod file in this directory.
			e.Setenv("TMPDIR", os.TempDir())
			// git shall neither find a repository above nor read any settings.
			e.Setenv("GIT_CEILING_DIRECTORIES", e.WorkDir)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"crlf":   crlf,
			"substr": substr,

			"nonewline": nonewline,
			"pprof":     encodeProfile,
		},
	})
}

// status is the script command "status N PROGRAM ARGS...": it runs a program
// and checks its exit status.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		e, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// crlf is the script command "crlf [-bom] FILE...": it turns the line ends of
// files into CR LF, and puts a byte order mark before them.
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	bom := ""
	if len(args) > 0 && args[0] == "-bom" {
		bom, args = outcome.ByteOrderMark, args[1:]
	}
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "\n", "\r\n")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(bom+text), 0o666))
	}
}

// substr is the script command "substr FILE TEXT": it checks that the file,
// which may be stdout or stderr, contains the text as it is.
func substr(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: substr FILE TEXT")
	}
	if strings.Contains(ts.ReadFile(args[0]), args[1]) == neg {
		ts.Fatalf("found %q in %s: %v", args[1], args[0], !neg)
	}
}

// encodeProfile is the script command "pprof TEXT FILE": it writes the profile that a text
// describes, see package proftest.
func encodeProfile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: pprof TEXT FILE")
	}
	data, err := proftest.Encode(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o666))
}

// nonewline is the script command "nonewline FILE...": it takes the line end
// off the last line of files.
func nonewline(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := strings.TrimSuffix(ts.ReadFile(name), "\n")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o666))
	}
}
