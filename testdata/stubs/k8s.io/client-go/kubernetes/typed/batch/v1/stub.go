// Package v1 is a stub: the functions of v0.37.2 that blocking.txt names, and the
// types in their signatures.
package v1

import (
	"context"

	"k8s.io/api/batch/v1"
	v12 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

type CronJobInterface interface {
	Create(ctx context.Context, cronJob *v1.CronJob, opts v12.CreateOptions) (*v1.CronJob, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.CronJob, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.CronJobList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.CronJob, err error)
	Update(ctx context.Context, cronJob *v1.CronJob, opts v12.UpdateOptions) (*v1.CronJob, error)
	UpdateStatus(ctx context.Context, cronJob *v1.CronJob, opts v12.UpdateOptions) (*v1.CronJob, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}

type JobInterface interface {
	Create(ctx context.Context, job *v1.Job, opts v12.CreateOptions) (*v1.Job, error)
	Delete(ctx context.Context, name string, opts v12.DeleteOptions) error
	DeleteCollection(ctx context.Context, opts v12.DeleteOptions, listOpts v12.ListOptions) error
	Get(ctx context.Context, name string, opts v12.GetOptions) (*v1.Job, error)
	List(ctx context.Context, opts v12.ListOptions) (*v1.JobList, error)
	Patch(ctx context.Context, name string, pt types.PatchType, data []byte, opts v12.PatchOptions, subresources ...string) (result *v1.Job, err error)
	Update(ctx context.Context, job *v1.Job, opts v12.UpdateOptions) (*v1.Job, error)
	UpdateStatus(ctx context.Context, job *v1.Job, opts v12.UpdateOptions) (*v1.Job, error)
	Watch(ctx context.Context, opts v12.ListOptions) (watch.Interface, error)
}
