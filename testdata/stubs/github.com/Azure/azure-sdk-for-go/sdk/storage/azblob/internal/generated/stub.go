// Package generated is a stub: types of v1.8.3 that other stubs need.
package generated

type AccessTier string

type BlobClientCopyFromURLResponse struct{}

type BlobClientDeleteResponse struct{}

type BlobClientGetPropertiesResponse struct{}

type BlobClientGetTagsResponse struct{}

type BlobClientSetMetadataResponse struct{}

type BlobClientSetTagsResponse struct{}

type BlobClientSetTierResponse struct{}

type BlobClientStartCopyFromURLResponse struct{}

type BlockBlobClientCommitBlockListResponse struct{}

type BlockBlobClientGetBlockListResponse struct{}

type BlockBlobClientStageBlockResponse struct{}

type BlockBlobClientUploadResponse struct{}

type BlockListType string

type ContainerClientCreateResponse struct{}

type ContainerClientDeleteResponse struct{}

type ContainerClientFilterBlobsResponse struct{}

type ContainerClientGetPropertiesResponse struct{}

type ContainerClientSetMetadataResponse struct{}
