// Package fsnotify is a stub: the functions of v1.10.1 that blocking.txt names, and the
// types in their signatures.
package fsnotify

func NewBufferedWatcher(sz uint) (*Watcher, error)
func NewWatcher() (*Watcher, error)

type Watcher struct{}

func (*Watcher) Add(path string) error
func (*Watcher) AddWith(path string, opts ...addOpt) error
func (*Watcher) Close() error
func (*Watcher) Remove(path string) error

type addOpt func(opt *withOpts)

type withOpts struct{}
