// Package elastic is a stub: the functions of v7.0.32 that blocking.txt names, and the
// types in their signatures.
package elastic

import (
	"context"
)

func DialContext(ctx context.Context, options ...ClientOptionFunc) (*Client, error)
func NewClient(options ...ClientOptionFunc) (*Client, error)

type BulkIndexByScrollResponse struct{}

type BulkProcessor struct{}

func (*BulkProcessor) Add(request BulkableRequest)
func (*BulkProcessor) Close() error
func (*BulkProcessor) Flush() error

type BulkResponse struct{}

type BulkService struct{}

func (*BulkService) Do(ctx context.Context) (*BulkResponse, error)

type BulkableRequest interface{}

type Client struct{}

func (*Client) PerformRequest(ctx context.Context, opt PerformRequestOptions) (*Response, error)

type ClientOptionFunc func(*Client) error

type CountService struct{}

func (*CountService) Do(ctx context.Context) (int64, error)

type DeleteByQueryService struct{}

func (*DeleteByQueryService) Do(ctx context.Context) (*BulkIndexByScrollResponse, error)

type DeleteResponse struct{}

type DeleteService struct{}

func (*DeleteService) Do(ctx context.Context) (*DeleteResponse, error)

type ExistsService struct{}

func (*ExistsService) Do(ctx context.Context) (bool, error)

type GetResult struct{}

type GetService struct{}

func (*GetService) Do(ctx context.Context) (*GetResult, error)

type IndexResponse struct{}

type IndexService struct{}

func (*IndexService) Do(ctx context.Context) (*IndexResponse, error)

type IndicesCreateResult struct{}

type IndicesCreateService struct{}

func (*IndicesCreateService) Do(ctx context.Context) (*IndicesCreateResult, error)

type IndicesDeleteResponse struct{}

type IndicesDeleteService struct{}

func (*IndicesDeleteService) Do(ctx context.Context) (*IndicesDeleteResponse, error)

type IndicesExistsService struct{}

func (*IndicesExistsService) Do(ctx context.Context) (bool, error)

type MultiSearchResult struct{}

type MultiSearchService struct{}

func (*MultiSearchService) Do(ctx context.Context) (*MultiSearchResult, error)

type PerformRequestOptions struct{}

type PingResult struct{}

type PingService struct{}

func (*PingService) Do(ctx context.Context) (*PingResult, int, error)

type RefreshResult struct{}

type RefreshService struct{}

func (*RefreshService) Do(ctx context.Context) (*RefreshResult, error)

type Response struct{}

type ScrollService struct{}

func (*ScrollService) Do(ctx context.Context) (*SearchResult, error)

type SearchResult struct{}

type SearchService struct{}

func (*SearchService) Do(ctx context.Context) (*SearchResult, error)

type UpdateByQueryService struct{}

func (*UpdateByQueryService) Do(ctx context.Context) (*BulkIndexByScrollResponse, error)

type UpdateResponse struct{}

type UpdateService struct{}

func (*UpdateService) Do(ctx context.Context) (*UpdateResponse, error)
