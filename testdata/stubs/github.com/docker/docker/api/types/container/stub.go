// Package container is a stub: types of v28.5.2+incompatible that other stubs need.
package container

import (
	"github.com/docker/docker/api/types/common"
)

type AttachOptions struct{}

type CommitOptions struct{}

type CommitResponse = common.IDResponse

type Config struct{}

type CopyToContainerOptions struct{}

type CreateResponse struct{}

type ExecAttachOptions = ExecStartOptions

type ExecCreateResponse = common.IDResponse

type ExecInspect struct{}

type ExecOptions struct{}

type ExecStartOptions struct{}

type HostConfig struct{}

type InspectResponse struct{}

type ListOptions struct{}

type LogsOptions struct{}

type PathStat struct{}

type RemoveOptions struct{}

type StartOptions struct{}

type StatsResponseReader struct{}

type StopOptions struct{}

type Summary struct{}

type TopResponse struct{}

type UpdateConfig struct{}

type UpdateResponse struct{}

type WaitCondition string

type WaitResponse struct{}
