// Package kmsg is a stub: types of v1.15.0 that other stubs need.
package kmsg

type OffsetCommitRequest struct{}

type OffsetCommitResponse struct{}

type Request interface{}

type Response interface{}
