// Package raftpb is a stub: types of v3.7.0 that other stubs need.
package raftpb

type Entry struct{}

type HardState struct{}
