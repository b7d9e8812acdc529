// Package raft is a stub: the functions of v1.8.0 that blocking.txt names, and the
// types in their signatures.
package raft

import (
	"io"
	"time"
)

func BootstrapCluster(conf *Config, logs LogStore, stable StableStore, snaps SnapshotStore, trans Transport, configuration Configuration) error
func NewRaft(conf *Config, fsm FSM, logs LogStore, stable StableStore, snaps SnapshotStore, trans Transport) (*Raft, error)

type AppendEntriesRequest struct{}

type AppendEntriesResponse struct{}

type ApplyFuture interface{}

type Config struct{}

type Configuration struct{}

type FSM interface{}

type FileSnapshotSink struct{}

func (*FileSnapshotSink) Close() error
func (*FileSnapshotSink) Write(b []byte) (int, error)

type Future interface {
	Error() error
}

type IndexFuture interface{}

type InstallSnapshotRequest struct{}

type InstallSnapshotResponse struct{}

type Log struct{}

type LogStore interface {
	DeleteRange(min uint64, max uint64) error
	FirstIndex() (uint64, error)
	GetLog(index uint64, log *Log) error
	LastIndex() (uint64, error)
	StoreLog(log *Log) error
	StoreLogs(logs []*Log) error
}

type Raft struct{}

func (*Raft) AddNonvoter(id ServerID, address ServerAddress, prevIndex uint64, timeout time.Duration) IndexFuture
func (*Raft) AddVoter(id ServerID, address ServerAddress, prevIndex uint64, timeout time.Duration) IndexFuture
func (*Raft) Apply(cmd []byte, timeout time.Duration) ApplyFuture
func (*Raft) ApplyLog(log Log, timeout time.Duration) ApplyFuture
func (*Raft) Barrier(timeout time.Duration) Future
func (*Raft) DemoteVoter(id ServerID, prevIndex uint64, timeout time.Duration) IndexFuture
func (*Raft) RemoveServer(id ServerID, prevIndex uint64, timeout time.Duration) IndexFuture
func (*Raft) Restore(meta *SnapshotMeta, reader io.Reader, timeout time.Duration) error
func (*Raft) Snapshot() SnapshotFuture
func (*Raft) VerifyLeader() Future

type RequestVoteRequest struct{}

type RequestVoteResponse struct{}

type ServerAddress string

type ServerID string

type SnapshotFuture interface{}

type SnapshotMeta struct{}

type SnapshotSink interface{}

type SnapshotStore interface {
	Create(version SnapshotVersion, index uint64, term uint64, configuration Configuration, configurationIndex uint64, trans Transport) (SnapshotSink, error)
	List() ([]*SnapshotMeta, error)
	Open(id string) (*SnapshotMeta, io.ReadCloser, error)
}

type SnapshotVersion int

type StableStore interface {
	Get(key []byte) ([]byte, error)
	GetUint64(key []byte) (uint64, error)
	Set(key []byte, val []byte) error
	SetUint64(key []byte, val uint64) error
}

type TimeoutNowRequest struct{}

type TimeoutNowResponse struct{}

type Transport interface {
	AppendEntries(id ServerID, target ServerAddress, args *AppendEntriesRequest, resp *AppendEntriesResponse) error
	InstallSnapshot(id ServerID, target ServerAddress, args *InstallSnapshotRequest, resp *InstallSnapshotResponse, data io.Reader) error
	RequestVote(id ServerID, target ServerAddress, args *RequestVoteRequest, resp *RequestVoteResponse) error
	TimeoutNow(id ServerID, target ServerAddress, args *TimeoutNowRequest, resp *TimeoutNowResponse) error
}
