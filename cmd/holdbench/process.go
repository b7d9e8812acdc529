package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/pprof/profile"
)

// patience bounds what must happen: the start and the end of a server.
const patience = 20 * time.Second

// A process is a running server.
type process struct {
	*client
	cmd    *exec.Cmd
	probe  string // URL of the profiles
	dir    string // of the journal
	exited chan struct{}
	err    error // how it ended; set before exited is closed

	mu     sync.Mutex
	stderr strings.Builder
}

// start runs a server until it listens.
func start(ctx context.Context, bin, validator string) (*process, error) {
	dir, err := os.MkdirTemp(memory(), "holdbench-journal-")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, exited: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, bin, "-addr", "127.0.0.1:0", "-validator", validator,
		"-timeout", "2m", "-log", filepath.Join(dir, "items.log"))
	pipe, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("starting %s: %w", filepath.Base(bin), err)
	}
	addrs := make(chan [2]string, 1)
	go func() {
		var probe string
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			p.mu.Lock()
			fmt.Fprintln(&p.stderr, lines.Text())
			p.mu.Unlock()
			if _, addr, ok := strings.Cut(lines.Text(), "probe on "); ok {
				probe = addr
			} else if _, addr, ok := strings.Cut(lines.Text(), "listening on "); ok {
				addrs <- [2]string{addr, probe}
			}
		}
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	select {
	case a := <-addrs:
		p.client, p.probe = newClient(a[0]), "http://"+a[1]
		return p, nil
	case <-p.exited:
	case <-time.After(patience):
	}
	p.kill()
	return nil, fmt.Errorf("%s does not listen:\n%s", filepath.Base(bin), p.messages())
}

// memory returns a directory that lies in memory, where there is one, or "". The
// example writes a journal under another lock; the disk is not the subject here.
func memory() string {
	const shm = "/dev/shm"
	if dir, err := os.MkdirTemp(shm, "holdbench-"); err == nil {
		os.Remove(dir)
		return shm
	}
	return ""
}

// messages returns what the server has written to its standard error.
func (p *process) messages() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stderr.String()
}

// kill ends the server at once, if it has not ended.
func (p *process) kill() {
	p.cmd.Process.Kill() // it may have ended
	<-p.exited
	if p.client != nil {
		p.client.close()
	}
	os.RemoveAll(p.dir)
}

// stop lets the server finish, and says what is wrong with how it ended: it has
// to say that it shuts down, and nothing of a race.
func (p *process) stop() error {
	defer p.kill()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	select {
	case <-p.exited:
	case <-time.After(patience):
		return fmt.Errorf("the server does not end:\n%s", p.messages())
	}
	messages := p.messages()
	switch {
	case strings.Contains(messages, "DATA RACE"):
		return fmt.Errorf("a data race:\n%s", messages)
	case p.err != nil:
		return fmt.Errorf("the server ends with %w:\n%s", p.err, messages)
	case !strings.Contains(messages, "shutting down"):
		return fmt.Errorf("the server does not say that it shuts down:\n%s", messages)
	}
	return nil
}

// profile fetches one of the profiles of runtime/pprof.
func (p *process) profile(ctx context.Context, name string) (*profile.Profile, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.probe+"/debug/pprof/"+name, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching the %s profile: %w", name, err)
	}
	defer resp.Body.Close()
	prof, err := profile.Parse(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the %s profile: %w", name, err)
	}
	return prof, nil
}

// lockWait returns how long all goroutines together have waited for Server.mu
// since the server was started. The mutex profile knows of mutexes only; the
// block profile has those who wait for the semaphore of context-lock.
func (p *process) lockWait(ctx context.Context) (time.Duration, error) {
	var sum time.Duration
	for name, waits := range map[string]func(string) bool{
		"mutex": func(f string) bool { return strings.HasPrefix(f, "sync.(*Mutex).Unlock") },
		"block": func(f string) bool { return strings.HasPrefix(f, "golang.org/x/sync/semaphore.(*Weighted).Acquire") },
	} {
		prof, err := p.profile(ctx, name)
		if err != nil {
			return 0, err
		}
		for _, s := range prof.Sample {
			stack := frames(s)
			for i, f := range stack {
				if waits(f) {
					if ownFrame(stack[i:]) == "main.(*Server)" {
						sum += time.Duration(s.Value[1])
					}
					break
				}
			}
		}
	}
	return sum, nil
}

// waiting counts the goroutines that wait for Server.mu.
func (p *process) waiting(ctx context.Context) (int, error) {
	prof, err := p.profile(ctx, "goroutine")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, s := range prof.Sample {
		stack := frames(s)
		i := slices.IndexFunc(stack, func(f string) bool {
			return strings.HasPrefix(f, "sync.(*Mutex).Lock") || strings.HasPrefix(f, "golang.org/x/sync/semaphore.(*Weighted).Acquire")
		})
		if i >= 0 && ownFrame(stack[i:]) == "main.(*Server)" {
			n += int(s.Value[0])
		}
	}
	return n, nil
}

// goroutines returns how many there are.
func (p *process) goroutines(ctx context.Context) (int, error) {
	prof, err := p.profile(ctx, "goroutine")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, s := range prof.Sample {
		n += int(s.Value[0])
	}
	return n, nil
}

// frames names the functions on a stack, the innermost first.
func frames(s *profile.Sample) []string {
	var out []string
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function != nil {
				out = append(out, line.Function.Name)
			}
		}
	}
	return out
}

// ownFrame returns the receiver, or the name, of the innermost function of the
// program itself.
func ownFrame(stack []string) string {
	for _, f := range stack {
		if strings.HasPrefix(f, "main.") {
			if i := strings.LastIndexByte(f, ')'); i >= 0 {
				return f[:i+1]
			}
			return f
		}
	}
	return ""
}
