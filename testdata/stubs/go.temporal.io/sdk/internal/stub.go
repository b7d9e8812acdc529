// Package internal is a stub: types of v1.50.0 that other stubs need.
package internal

type CheckHealthRequest struct{}

type CheckHealthResponse struct{}

type ClientOptions struct{}

type StartWorkflowOptions struct{}

type UpdateWorkflowOptions struct{}

type WorkflowRun interface{}

type WorkflowUpdateHandle interface{}
