// Package git is a stub: the functions of v5.19.3 that blocking.txt names, and the
// types in their signatures.
package git

import (
	"context"

	billy "github.com/go-git/go-billy/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage"
)

func Clone(s storage.Storer, worktree billy.Filesystem, o *CloneOptions) (*Repository, error)
func CloneContext(ctx context.Context, s storage.Storer, worktree billy.Filesystem, o *CloneOptions) (*Repository, error)
func PlainClone(path string, isBare bool, o *CloneOptions) (*Repository, error)
func PlainCloneContext(ctx context.Context, path string, isBare bool, o *CloneOptions) (*Repository, error)
func PlainInit(path string, isBare bool) (*Repository, error)
func PlainOpen(path string) (*Repository, error)
func PlainOpenWithOptions(path string, o *PlainOpenOptions) (*Repository, error)

type CheckoutOptions struct{}

type CleanOptions struct{}

type CloneOptions struct{}

type CommitOptions struct{}

type FetchOptions struct{}

type FileStatus struct{}

type ListOptions struct{}

type LogOptions struct{}

type PlainOpenOptions struct{}

type PullOptions struct{}

type PushOptions struct{}

type Remote struct{}

func (*Remote) Fetch(o *FetchOptions) error
func (*Remote) FetchContext(ctx context.Context, o *FetchOptions) error
func (*Remote) List(o *ListOptions) (rfs []*plumbing.Reference, err error)
func (*Remote) ListContext(ctx context.Context, o *ListOptions) (rfs []*plumbing.Reference, err error)
func (*Remote) Push(o *PushOptions) error
func (*Remote) PushContext(ctx context.Context, o *PushOptions) (err error)

type Repository struct{}

func (*Repository) CommitObject(h plumbing.Hash) (*object.Commit, error)
func (*Repository) Fetch(o *FetchOptions) error
func (*Repository) FetchContext(ctx context.Context, o *FetchOptions) error
func (*Repository) Head() (*plumbing.Reference, error)
func (*Repository) Log(o *LogOptions) (object.CommitIter, error)
func (*Repository) Push(o *PushOptions) error
func (*Repository) PushContext(ctx context.Context, o *PushOptions) error
func (*Repository) Reference(name plumbing.ReferenceName, resolved bool) (*plumbing.Reference, error)
func (*Repository) ResolveRevision(in plumbing.Revision) (*plumbing.Hash, error)

type ResetOptions struct{}

type Status map[string]*FileStatus

type Worktree struct{}

func (*Worktree) Add(path string) (plumbing.Hash, error)
func (*Worktree) Checkout(opts *CheckoutOptions) error
func (*Worktree) Clean(opts *CleanOptions) error
func (*Worktree) Commit(msg string, opts *CommitOptions) (plumbing.Hash, error)
func (*Worktree) Pull(o *PullOptions) error
func (*Worktree) PullContext(ctx context.Context, o *PullOptions) error
func (*Worktree) Reset(opts *ResetOptions) error
func (*Worktree) Status() (Status, error)
