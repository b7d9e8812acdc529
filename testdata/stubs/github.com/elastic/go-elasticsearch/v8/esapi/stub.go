// Package esapi is a stub: the functions of v8.19.7 that blocking.txt names, and the
// types in their signatures.
package esapi

import (
	"context"
	"net/http"
)

type BulkRequest struct{}

func (BulkRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type CountRequest struct{}

func (CountRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type CreateRequest struct{}

func (CreateRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type DeleteByQueryRequest struct{}

func (DeleteByQueryRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type DeleteRequest struct{}

func (DeleteRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type ExistsRequest struct{}

func (ExistsRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type GetRequest struct{}

func (GetRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type IndexRequest struct{}

func (IndexRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type IndicesCreateRequest struct{}

func (IndicesCreateRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type IndicesDeleteRequest struct{}

func (IndicesDeleteRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type IndicesRefreshRequest struct{}

func (IndicesRefreshRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type InfoRequest struct{}

func (InfoRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type MgetRequest struct{}

func (MgetRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type MsearchRequest struct{}

func (MsearchRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type PingRequest struct{}

func (PingRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type Response struct{}

type SearchRequest struct{}

func (SearchRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)

type Transport interface {
	Perform(*http.Request) (*http.Response, error)
}

type UpdateRequest struct{}

func (UpdateRequest) Do(providedCtx context.Context, transport Transport) (*Response, error)
