// Package wal is a stub: the functions of v3.7.3 that blocking.txt names, and the
// types in their signatures.
package wal

import (
	"go.etcd.io/etcd/server/v3/storage/wal/walpb"
	"go.etcd.io/raft/v3/raftpb"
	"go.uber.org/zap"
)

func Create(lg *zap.Logger, dirpath string, metadata []byte) (*WAL, error)
func Open(lg *zap.Logger, dirpath string, snap *walpb.Snapshot) (*WAL, error)
func OpenForRead(lg *zap.Logger, dirpath string, snap *walpb.Snapshot) (*WAL, error)
func Repair(lg *zap.Logger, dirpath string) bool
func Verify(lg *zap.Logger, walDir string, snap *walpb.Snapshot) (*raftpb.HardState, error)

type WAL struct{}

func (*WAL) Close() error
func (*WAL) ReadAll() (metadata []byte, state *raftpb.HardState, ents []*raftpb.Entry, err error)
func (*WAL) ReleaseLockTo(index uint64) error
func (*WAL) Save(st *raftpb.HardState, ents []*raftpb.Entry) error
func (*WAL) SaveSnapshot(e *walpb.Snapshot) error
func (*WAL) Sync() error
