// Package client is a stub: the functions of v28.5.2+incompatible that blocking.txt names, and the
// types in their signatures.
package client

import (
	"context"
	"io"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/system"
	"github.com/docker/docker/api/types/volume"
	"github.com/opencontainers/image-spec/specs-go/v1"
)

func NewClientWithOpts(ops ...Opt) (*Client, error)

type Client struct{}

func (*Client) ContainerAttach(ctx context.Context, containerID string, options container.AttachOptions) (types.HijackedResponse, error)
func (*Client) ContainerCommit(ctx context.Context, containerID string, options container.CommitOptions) (container.CommitResponse, error)
func (*Client) ContainerCreate(ctx context.Context, config *container.Config, hostConfig *container.HostConfig, networkingConfig *network.NetworkingConfig, platform *v1.Platform, containerName string) (container.CreateResponse, error)
func (*Client) ContainerExecAttach(ctx context.Context, execID string, config container.ExecAttachOptions) (types.HijackedResponse, error)
func (*Client) ContainerExecCreate(ctx context.Context, containerID string, options container.ExecOptions) (container.ExecCreateResponse, error)
func (*Client) ContainerExecInspect(ctx context.Context, execID string) (container.ExecInspect, error)
func (*Client) ContainerExecStart(ctx context.Context, execID string, config container.ExecStartOptions) error
func (*Client) ContainerInspect(ctx context.Context, containerID string) (container.InspectResponse, error)
func (*Client) ContainerKill(ctx context.Context, containerID string, signal string) error
func (*Client) ContainerList(ctx context.Context, options container.ListOptions) ([]container.Summary, error)
func (*Client) ContainerLogs(ctx context.Context, containerID string, options container.LogsOptions) (io.ReadCloser, error)
func (*Client) ContainerPause(ctx context.Context, containerID string) error
func (*Client) ContainerRemove(ctx context.Context, containerID string, options container.RemoveOptions) error
func (*Client) ContainerRename(ctx context.Context, containerID string, newContainerName string) error
func (*Client) ContainerRestart(ctx context.Context, containerID string, options container.StopOptions) error
func (*Client) ContainerStart(ctx context.Context, containerID string, options container.StartOptions) error
func (*Client) ContainerStatPath(ctx context.Context, containerID string, path string) (container.PathStat, error)
func (*Client) ContainerStats(ctx context.Context, containerID string, stream bool) (container.StatsResponseReader, error)
func (*Client) ContainerStop(ctx context.Context, containerID string, options container.StopOptions) error
func (*Client) ContainerTop(ctx context.Context, containerID string, arguments []string) (container.TopResponse, error)
func (*Client) ContainerUnpause(ctx context.Context, containerID string) error
func (*Client) ContainerUpdate(ctx context.Context, containerID string, updateConfig container.UpdateConfig) (container.UpdateResponse, error)
func (*Client) ContainerWait(ctx context.Context, containerID string, condition container.WaitCondition) (<-chan container.WaitResponse, <-chan error)
func (*Client) CopyFromContainer(ctx context.Context, containerID string, srcPath string) (io.ReadCloser, container.PathStat, error)
func (*Client) CopyToContainer(ctx context.Context, containerID string, dstPath string, content io.Reader, options container.CopyToContainerOptions) error
func (*Client) DiskUsage(ctx context.Context, options types.DiskUsageOptions) (types.DiskUsage, error)
func (*Client) Events(ctx context.Context, options events.ListOptions) (<-chan events.Message, <-chan error)
func (*Client) ImageBuild(ctx context.Context, buildContext io.Reader, options build.ImageBuildOptions) (build.ImageBuildResponse, error)
func (*Client) ImageInspect(ctx context.Context, imageID string, inspectOpts ...ImageInspectOption) (image.InspectResponse, error)
func (*Client) ImageInspectWithRaw(ctx context.Context, imageID string) (image.InspectResponse, []byte, error)
func (*Client) ImageList(ctx context.Context, options image.ListOptions) ([]image.Summary, error)
func (*Client) ImageLoad(ctx context.Context, input io.Reader, loadOpts ...ImageLoadOption) (image.LoadResponse, error)
func (*Client) ImagePull(ctx context.Context, refStr string, options image.PullOptions) (io.ReadCloser, error)
func (*Client) ImagePush(ctx context.Context, image string, options image.PushOptions) (io.ReadCloser, error)
func (*Client) ImageRemove(ctx context.Context, imageID string, options image.RemoveOptions) ([]image.DeleteResponse, error)
func (*Client) ImageSave(ctx context.Context, imageIDs []string, saveOpts ...ImageSaveOption) (io.ReadCloser, error)
func (*Client) ImageTag(ctx context.Context, source string, target string) error
func (*Client) Info(ctx context.Context) (system.Info, error)
func (*Client) NetworkConnect(ctx context.Context, networkID string, containerID string, config *network.EndpointSettings) error
func (*Client) NetworkCreate(ctx context.Context, name string, options network.CreateOptions) (network.CreateResponse, error)
func (*Client) NetworkDisconnect(ctx context.Context, networkID string, containerID string, force bool) error
func (*Client) NetworkInspect(ctx context.Context, networkID string, options network.InspectOptions) (network.Inspect, error)
func (*Client) NetworkList(ctx context.Context, options network.ListOptions) ([]network.Summary, error)
func (*Client) NetworkRemove(ctx context.Context, networkID string) error
func (*Client) Ping(ctx context.Context) (types.Ping, error)
func (*Client) ServerVersion(ctx context.Context) (types.Version, error)
func (*Client) VolumeCreate(ctx context.Context, options volume.CreateOptions) (volume.Volume, error)
func (*Client) VolumeInspect(ctx context.Context, volumeID string) (volume.Volume, error)
func (*Client) VolumeList(ctx context.Context, options volume.ListOptions) (volume.ListResponse, error)
func (*Client) VolumeRemove(ctx context.Context, volumeID string, force bool) error

type ContainerAPIClient interface {
	ContainerCreate(ctx context.Context, config *container.Config, hostConfig *container.HostConfig, networkingConfig *network.NetworkingConfig, platform *v1.Platform, containerName string) (container.CreateResponse, error)
	ContainerExecCreate(ctx context.Context, container string, options container.ExecOptions) (container.ExecCreateResponse, error)
	ContainerExecStart(ctx context.Context, execID string, options container.ExecStartOptions) error
	ContainerInspect(ctx context.Context, container string) (container.InspectResponse, error)
	ContainerKill(ctx context.Context, container string, signal string) error
	ContainerList(ctx context.Context, options container.ListOptions) ([]container.Summary, error)
	ContainerLogs(ctx context.Context, container string, options container.LogsOptions) (io.ReadCloser, error)
	ContainerRemove(ctx context.Context, container string, options container.RemoveOptions) error
	ContainerRestart(ctx context.Context, container string, options container.StopOptions) error
	ContainerStart(ctx context.Context, container string, options container.StartOptions) error
	ContainerStats(ctx context.Context, container string, stream bool) (container.StatsResponseReader, error)
	ContainerStop(ctx context.Context, container string, options container.StopOptions) error
	ContainerWait(ctx context.Context, container string, condition container.WaitCondition) (<-chan container.WaitResponse, <-chan error)
}

type ImageAPIClient interface {
	ImageBuild(ctx context.Context, context io.Reader, options build.ImageBuildOptions) (build.ImageBuildResponse, error)
	ImageInspect(ctx context.Context, image string, _ ...ImageInspectOption) (image.InspectResponse, error)
	ImageList(ctx context.Context, options image.ListOptions) ([]image.Summary, error)
	ImagePull(ctx context.Context, ref string, options image.PullOptions) (io.ReadCloser, error)
	ImagePush(ctx context.Context, ref string, options image.PushOptions) (io.ReadCloser, error)
	ImageRemove(ctx context.Context, image string, options image.RemoveOptions) ([]image.DeleteResponse, error)
}

type ImageInspectOption interface{}

type ImageLoadOption interface{}

type ImageSaveOption interface{}

type Opt func(*Client) error
