// Package asynq is a stub: the functions of v0.26.0 that blocking.txt names, and the
// types in their signatures.
package asynq

import (
	"context"
)

type Client struct{}

func (*Client) Enqueue(task *Task, opts ...Option) (*TaskInfo, error)
func (*Client) EnqueueContext(ctx context.Context, task *Task, opts ...Option) (*TaskInfo, error)

type Handler interface{}

type Inspector struct{}

func (*Inspector) CancelProcessing(id string) error
func (*Inspector) DeleteTask(queue string, id string) error
func (*Inspector) GetQueueInfo(queue string) (*QueueInfo, error)
func (*Inspector) GetTaskInfo(queue string, id string) (*TaskInfo, error)
func (*Inspector) Queues() ([]string, error)
func (*Inspector) RunTask(queue string, id string) error

type Option interface{}

type QueueInfo struct{}

type Server struct{}

func (*Server) Run(handler Handler) error
func (*Server) Shutdown()

type Task struct{}

type TaskInfo struct{}
