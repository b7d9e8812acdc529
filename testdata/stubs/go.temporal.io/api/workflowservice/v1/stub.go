// Package workflowservice is a stub: types of v1.63.5 that other stubs need.
package workflowservice

type DescribeWorkflowExecutionResponse struct{}

type ListWorkflowExecutionsRequest struct{}

type ListWorkflowExecutionsResponse struct{}
