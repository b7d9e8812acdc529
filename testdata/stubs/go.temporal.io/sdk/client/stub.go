// Package client is a stub: the functions of v1.50.0 that blocking.txt names, and the
// types in their signatures.
package client

import (
	"context"

	workflowservice "go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/internal"
)

func Dial(options Options) (Client, error)
func DialContext(ctx context.Context, options Options) (Client, error)
func NewLazyClient(options Options) (Client, error)

type CheckHealthRequest = internal.CheckHealthRequest

type CheckHealthResponse = internal.CheckHealthResponse

type Client interface {
	CancelWorkflow(ctx context.Context, workflowID string, runID string) error
	CheckHealth(ctx context.Context, request *CheckHealthRequest) (*CheckHealthResponse, error)
	CompleteActivity(ctx context.Context, taskToken []byte, result any, err error) error
	DescribeWorkflowExecution(ctx context.Context, workflowID string, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	ExecuteWorkflow(ctx context.Context, options StartWorkflowOptions, workflow any, args ...any) (WorkflowRun, error)
	GetWorkflow(ctx context.Context, workflowID string, runID string) WorkflowRun
	ListWorkflow(ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error)
	QueryWorkflow(ctx context.Context, workflowID string, runID string, queryType string, args ...any) (converter.EncodedValue, error)
	SignalWithStartWorkflow(ctx context.Context, workflowID string, signalName string, signalArg any, options StartWorkflowOptions, workflow any, workflowArgs ...any) (WorkflowRun, error)
	SignalWorkflow(ctx context.Context, workflowID string, runID string, signalName string, arg any) error
	TerminateWorkflow(ctx context.Context, workflowID string, runID string, reason string, details ...any) error
	UpdateWorkflow(ctx context.Context, options UpdateWorkflowOptions) (WorkflowUpdateHandle, error)
}

type Options = internal.ClientOptions

type StartWorkflowOptions = internal.StartWorkflowOptions

type UpdateWorkflowOptions = internal.UpdateWorkflowOptions

type WorkflowRun = internal.WorkflowRun

type WorkflowUpdateHandle = internal.WorkflowUpdateHandle
