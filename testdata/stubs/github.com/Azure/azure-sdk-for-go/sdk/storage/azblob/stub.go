// Package azblob is a stub: the functions of v1.8.3 that blocking.txt names, and the
// types in their signatures.
package azblob

import (
	"context"
	"io"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

type Client struct{}

func (*Client) CreateContainer(ctx context.Context, containerName string, o *CreateContainerOptions) (CreateContainerResponse, error)
func (*Client) DeleteBlob(ctx context.Context, containerName string, blobName string, o *DeleteBlobOptions) (DeleteBlobResponse, error)
func (*Client) DeleteContainer(ctx context.Context, containerName string, o *DeleteContainerOptions) (DeleteContainerResponse, error)
func (*Client) DownloadBuffer(ctx context.Context, containerName string, blobName string, buffer []byte, o *DownloadBufferOptions) (int64, error)
func (*Client) DownloadFile(ctx context.Context, containerName string, blobName string, file *os.File, o *DownloadFileOptions) (int64, error)
func (*Client) DownloadStream(ctx context.Context, containerName string, blobName string, o *DownloadStreamOptions) (DownloadStreamResponse, error)
func (*Client) UploadBuffer(ctx context.Context, containerName string, blobName string, buffer []byte, o *UploadBufferOptions) (UploadBufferResponse, error)
func (*Client) UploadFile(ctx context.Context, containerName string, blobName string, file *os.File, o *UploadFileOptions) (UploadFileResponse, error)
func (*Client) UploadStream(ctx context.Context, containerName string, blobName string, body io.Reader, o *UploadStreamOptions) (UploadStreamResponse, error)

type CreateContainerOptions = service.CreateContainerOptions

type CreateContainerResponse = service.CreateContainerResponse

type DeleteBlobOptions = blob.DeleteOptions

type DeleteBlobResponse = blob.DeleteResponse

type DeleteContainerOptions = service.DeleteContainerOptions

type DeleteContainerResponse = service.DeleteContainerResponse

type DownloadBufferOptions = blob.DownloadBufferOptions

type DownloadFileOptions = blob.DownloadFileOptions

type DownloadStreamOptions = blob.DownloadStreamOptions

type DownloadStreamResponse = blob.DownloadStreamResponse

type UploadBufferOptions = blockblob.UploadBufferOptions

type UploadBufferResponse = blockblob.UploadBufferResponse

type UploadFileOptions = blockblob.UploadFileOptions

type UploadFileResponse = blockblob.UploadFileResponse

type UploadStreamOptions = blockblob.UploadStreamOptions

type UploadStreamResponse = blockblob.CommitBlockListResponse
