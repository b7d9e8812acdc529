package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"runtime/debug"
	"strings"
)

// A server runs letgo for its clients, one call at a time: each loads a whole module.
type server struct {
	letgo string
	dir   string
	write bool
	turn  chan struct{} // has room for the one whose turn it is
}

// run runs letgo and reads what it prints as JSON.
func (s *server) run(ctx context.Context, into any, flags []string, args ...string) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	all := append([]string{"-json"}, flags...)
	if s.dir != "" {
		all = append(all, "-C="+s.dir)
	}
	all = append(append(all, "--"), args...) // nothing of a client becomes a flag
	cmd := exec.CommandContext(ctx, s.letgo, all...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && (exit.ExitCode() == 1 || out.Len() > 0) {
		err = nil // it found something, or says itself what went wrong
	}
	if err != nil {
		if text := strings.TrimSpace(errs.String()); text != "" {
			return errors.New(text)
		}
		return fmt.Errorf("running %s: %w", s.letgo, err)
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("reading the output of %s: %w", s.letgo, err)
	}
	return nil
}

// The types below are the part of the output of letgo -json that the tools show; the
// schema is in cmd/letgo/schema/v1.json.
type (
	report struct {
		Findings []*finding
		Problems []struct{ Package, Position, Message string }
		Trial    *struct{ Before, Flaky []string }
	}
	finding struct {
		File, Package, Function, Lock, Mode, Message string
		Line                                         int
		Ops                                          []op
		Guarded                                      []struct{ Name, Evidence string }
		Verdict                                      struct {
			Judgement string
			Score     int
			Evidence  []sign
		}
		Deadlock *struct {
			Message, File string
			Line          int
		}
		Plans    []*plan
		Refusals []refusal
		Offered  string
		Applied  bool
		Tests    *struct{ Result, Failed, Message string }
		Source   []struct {
			Line       int
			Text, Mark string
		}
	}
	op struct {
		Category, What, Why string
		Line                int
		Path                []struct {
			Func, File string
			Line       int
		}
	}
	sign struct {
		Sign, Detail, File string
		Weight, Line       int
	}
	plan struct {
		Shape, Grade, Title, Diff string
		OnRequest                 bool
		Obligations               []obligation
	}
	obligation struct {
		Condition, Status, Text, File string
		Line                          int
	}
	refusal struct {
		Shape, Rule, Reason, Advice, File string
		Line                              int
		Nearest                           bool
	}
)

// questions lists the conditions of a plan that are left to a person.
func (p *plan) questions() []obligation {
	var out []obligation
	for _, o := range p.Obligations {
		if o.Status == "assumed" {
			out = append(out, o)
		}
	}
	return out
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
