// Package blob is a stub: the functions of v1.8.3 that blocking.txt names, and the
// types in their signatures.
package blob

import (
	"context"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/internal/generated"
)

type AccessTier = generated.AccessTier

type Client struct{}

func (*Client) CopyFromURL(ctx context.Context, copySource string, options *CopyFromURLOptions) (CopyFromURLResponse, error)
func (*Client) Delete(ctx context.Context, o *DeleteOptions) (DeleteResponse, error)
func (*Client) DownloadBuffer(ctx context.Context, buffer []byte, o *DownloadBufferOptions) (int64, error)
func (*Client) DownloadFile(ctx context.Context, file *os.File, o *DownloadFileOptions) (int64, error)
func (*Client) DownloadStream(ctx context.Context, o *DownloadStreamOptions) (DownloadStreamResponse, error)
func (*Client) GetProperties(ctx context.Context, options *GetPropertiesOptions) (GetPropertiesResponse, error)
func (*Client) GetTags(ctx context.Context, options *GetTagsOptions) (GetTagsResponse, error)
func (*Client) SetMetadata(ctx context.Context, metadata map[string]*string, o *SetMetadataOptions) (SetMetadataResponse, error)
func (*Client) SetTags(ctx context.Context, tags map[string]string, options *SetTagsOptions) (SetTagsResponse, error)
func (*Client) SetTier(ctx context.Context, tier AccessTier, o *SetTierOptions) (SetTierResponse, error)
func (*Client) StartCopyFromURL(ctx context.Context, copySource string, options *StartCopyFromURLOptions) (StartCopyFromURLResponse, error)

type CopyFromURLOptions struct{}

type CopyFromURLResponse = generated.BlobClientCopyFromURLResponse

type DeleteOptions struct{}

type DeleteResponse = generated.BlobClientDeleteResponse

type DownloadBufferOptions struct{}

type DownloadFileOptions struct{}

type DownloadStreamOptions struct{}

type DownloadStreamResponse struct{}

type GetPropertiesOptions struct{}

type GetPropertiesResponse = generated.BlobClientGetPropertiesResponse

type GetTagsOptions struct{}

type GetTagsResponse = generated.BlobClientGetTagsResponse

type SetMetadataOptions struct{}

type SetMetadataResponse = generated.BlobClientSetMetadataResponse

type SetTagsOptions struct{}

type SetTagsResponse = generated.BlobClientSetTagsResponse

type SetTierOptions struct{}

type SetTierResponse = generated.BlobClientSetTierResponse

type StartCopyFromURLOptions struct{}

type StartCopyFromURLResponse = generated.BlobClientStartCopyFromURLResponse
