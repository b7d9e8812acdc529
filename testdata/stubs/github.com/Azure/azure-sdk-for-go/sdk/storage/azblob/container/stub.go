// Package container is a stub: the functions of v1.8.3 that blocking.txt names, and the
// types in their signatures.
package container

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/internal/generated"
)

type Client struct{}

func (*Client) Create(ctx context.Context, options *CreateOptions) (CreateResponse, error)
func (*Client) Delete(ctx context.Context, options *DeleteOptions) (DeleteResponse, error)
func (*Client) FilterBlobs(ctx context.Context, where string, o *FilterBlobsOptions) (FilterBlobsResponse, error)
func (*Client) GetProperties(ctx context.Context, o *GetPropertiesOptions) (GetPropertiesResponse, error)
func (*Client) SetMetadata(ctx context.Context, o *SetMetadataOptions) (SetMetadataResponse, error)

type CreateOptions struct{}

type CreateResponse = generated.ContainerClientCreateResponse

type DeleteOptions struct{}

type DeleteResponse = generated.ContainerClientDeleteResponse

type FilterBlobsOptions struct{}

type FilterBlobsResponse = generated.ContainerClientFilterBlobsResponse

type GetPropertiesOptions struct{}

type GetPropertiesResponse = generated.ContainerClientGetPropertiesResponse

type SetMetadataOptions struct{}

type SetMetadataResponse = generated.ContainerClientSetMetadataResponse
