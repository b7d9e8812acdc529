// Package slack is a stub: the functions of v0.35.0 that blocking.txt names, and the
// types in their signatures.
package slack

import (
	"context"
)

func PostWebhook(url string, msg *WebhookMessage) error
func PostWebhookContext(ctx context.Context, url string, msg *WebhookMessage) error

type AuthTestResponse struct{}

type Channel struct{}

type Client struct{}

func (*Client) AddReaction(name string, item ItemRef) error
func (*Client) AuthTest() (response *AuthTestResponse, err error)
func (*Client) AuthTestContext(ctx context.Context) (response *AuthTestResponse, err error)
func (*Client) DeleteMessage(channel string, messageTimestamp string) (string, string, error)
func (*Client) GetConversationHistory(params *GetConversationHistoryParameters) (*GetConversationHistoryResponse, error)
func (*Client) GetConversations(params *GetConversationsParameters) (channels []Channel, nextCursor string, err error)
func (*Client) GetUserByEmail(email string) (*User, error)
func (*Client) GetUserInfo(user string, options ...GetUserInfoOption) (*User, error)
func (*Client) GetUserInfoContext(ctx context.Context, user string, options ...GetUserInfoOption) (*User, error)
func (*Client) GetUsers(options ...GetUsersOption) ([]User, error)
func (*Client) PostEphemeral(channelID string, userID string, options ...MsgOption) (string, error)
func (*Client) PostMessage(channelID string, options ...MsgOption) (string, string, error)
func (*Client) PostMessageContext(ctx context.Context, channelID string, options ...MsgOption) (string, string, error)
func (*Client) UpdateMessage(channelID string, timestamp string, options ...MsgOption) (string, string, string, error)
func (*Client) UpdateMessageContext(ctx context.Context, channelID string, timestamp string, options ...MsgOption) (string, string, string, error)
func (*Client) UploadFile(params UploadFileParameters) (*FileSummary, error)

type FileSummary struct{}

type GetConversationHistoryParameters struct{}

type GetConversationHistoryResponse struct{}

type GetConversationsParameters struct{}

type GetUserInfoOption func(*getUserInfoParams)

type GetUsersOption func(*UserPagination)

type ItemRef struct{}

type MsgOption func(*sendConfig) error

type UploadFileParameters struct{}

type User struct{}

type UserPagination struct{}

type WebhookMessage struct{}

type getUserInfoParams struct{}

type sendConfig struct{}
