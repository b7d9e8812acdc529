// Package blockblob is a stub: the functions of v1.8.3 that blocking.txt names, and the
// types in their signatures.
package blockblob

import (
	"context"
	"io"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/internal/generated"
)

type BlockListType = generated.BlockListType

type Client struct{}

func (*Client) CommitBlockList(ctx context.Context, base64BlockIDs []string, options *CommitBlockListOptions) (CommitBlockListResponse, error)
func (*Client) GetBlockList(ctx context.Context, listType BlockListType, options *GetBlockListOptions) (GetBlockListResponse, error)
func (*Client) StageBlock(ctx context.Context, base64BlockID string, body io.ReadSeekCloser, options *StageBlockOptions) (StageBlockResponse, error)
func (*Client) Upload(ctx context.Context, body io.ReadSeekCloser, options *UploadOptions) (UploadResponse, error)
func (*Client) UploadBuffer(ctx context.Context, buffer []byte, o *UploadBufferOptions) (UploadBufferResponse, error)
func (*Client) UploadFile(ctx context.Context, file *os.File, o *UploadFileOptions) (UploadFileResponse, error)
func (*Client) UploadStream(ctx context.Context, body io.Reader, o *UploadStreamOptions) (UploadStreamResponse, error)

type CommitBlockListOptions struct{}

type CommitBlockListResponse = generated.BlockBlobClientCommitBlockListResponse

type GetBlockListOptions struct{}

type GetBlockListResponse = generated.BlockBlobClientGetBlockListResponse

type StageBlockOptions struct{}

type StageBlockResponse = generated.BlockBlobClientStageBlockResponse

type UploadBufferOptions = uploadFromReaderOptions

type UploadBufferResponse = uploadFromReaderResponse

type UploadFileOptions = uploadFromReaderOptions

type UploadFileResponse = uploadFromReaderResponse

type UploadOptions struct{}

type UploadResponse = generated.BlockBlobClientUploadResponse

type UploadStreamOptions struct{}

type UploadStreamResponse = CommitBlockListResponse

type uploadFromReaderOptions struct{}

type uploadFromReaderResponse struct{}
