// Package service is a stub: types of v1.8.3 that other stubs need.
package service

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/internal/generated"
)

type CreateContainerOptions = container.CreateOptions

type CreateContainerResponse = generated.ContainerClientCreateResponse

type DeleteContainerOptions = container.DeleteOptions

type DeleteContainerResponse = generated.ContainerClientDeleteResponse
