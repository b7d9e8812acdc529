// Package github is a stub: the functions of v72.0.0 that blocking.txt names, and the
// types in their signatures.
package github

import (
	"context"
	"net/http"
)

type Blob struct{}

type Branch struct{}

type BranchListOptions struct{}

type Client struct{}

func (*Client) BareDo(ctx context.Context, req *http.Request) (*Response, error)
func (*Client) Do(ctx context.Context, req *http.Request, v interface{}) (*Response, error)

type Commit struct{}

type CommitFile struct{}

type CommitsComparison struct{}

type CommitsListOptions struct{}

type GitService struct{}

func (*GitService) GetBlob(ctx context.Context, owner string, repo string, sha string) (*Blob, *Response, error)
func (*GitService) GetCommit(ctx context.Context, owner string, repo string, sha string) (*Commit, *Response, error)
func (*GitService) GetRef(ctx context.Context, owner string, repo string, ref string) (*Reference, *Response, error)
func (*GitService) GetTree(ctx context.Context, owner string, repo string, sha string, recursive bool) (*Tree, *Response, error)

type Issue struct{}

type IssueComment struct{}

type IssueListByRepoOptions struct{}

type IssueListCommentsOptions struct{}

type IssueListOptions struct{}

type IssueRequest struct{}

type IssuesService struct{}

func (*IssuesService) AddLabelsToIssue(ctx context.Context, owner string, repo string, number int, labels []string) ([]*Label, *Response, error)
func (*IssuesService) Create(ctx context.Context, owner string, repo string, issue *IssueRequest) (*Issue, *Response, error)
func (*IssuesService) CreateComment(ctx context.Context, owner string, repo string, number int, comment *IssueComment) (*IssueComment, *Response, error)
func (*IssuesService) Edit(ctx context.Context, owner string, repo string, number int, issue *IssueRequest) (*Issue, *Response, error)
func (*IssuesService) Get(ctx context.Context, owner string, repo string, number int) (*Issue, *Response, error)
func (*IssuesService) List(ctx context.Context, all bool, opts *IssueListOptions) ([]*Issue, *Response, error)
func (*IssuesService) ListByRepo(ctx context.Context, owner string, repo string, opts *IssueListByRepoOptions) ([]*Issue, *Response, error)
func (*IssuesService) ListComments(ctx context.Context, owner string, repo string, number int, opts *IssueListCommentsOptions) ([]*IssueComment, *Response, error)

type Label struct{}

type ListOptions struct{}

type NewPullRequest struct{}

type PullRequest struct{}

type PullRequestComment struct{}

type PullRequestListOptions struct{}

type PullRequestMergeResult struct{}

type PullRequestOptions struct{}

type PullRequestReview struct{}

type PullRequestReviewRequest struct{}

type PullRequestsService struct{}

func (*PullRequestsService) Create(ctx context.Context, owner string, repo string, pull *NewPullRequest) (*PullRequest, *Response, error)
func (*PullRequestsService) CreateComment(ctx context.Context, owner string, repo string, number int, comment *PullRequestComment) (*PullRequestComment, *Response, error)
func (*PullRequestsService) CreateReview(ctx context.Context, owner string, repo string, number int, review *PullRequestReviewRequest) (*PullRequestReview, *Response, error)
func (*PullRequestsService) Edit(ctx context.Context, owner string, repo string, number int, pull *PullRequest) (*PullRequest, *Response, error)
func (*PullRequestsService) Get(ctx context.Context, owner string, repo string, number int) (*PullRequest, *Response, error)
func (*PullRequestsService) List(ctx context.Context, owner string, repo string, opts *PullRequestListOptions) ([]*PullRequest, *Response, error)
func (*PullRequestsService) ListCommits(ctx context.Context, owner string, repo string, number int, opts *ListOptions) ([]*RepositoryCommit, *Response, error)
func (*PullRequestsService) ListFiles(ctx context.Context, owner string, repo string, number int, opts *ListOptions) ([]*CommitFile, *Response, error)
func (*PullRequestsService) Merge(ctx context.Context, owner string, repo string, number int, commitMessage string, options *PullRequestOptions) (*PullRequestMergeResult, *Response, error)

type Reference struct{}

type RepoStatus struct{}

type RepositoriesService struct{}

func (*RepositoriesService) CompareCommits(ctx context.Context, owner string, repo string, base string, head string, opts *ListOptions) (*CommitsComparison, *Response, error)
func (*RepositoriesService) Create(ctx context.Context, org string, repo *Repository) (*Repository, *Response, error)
func (*RepositoriesService) CreateFile(ctx context.Context, owner string, repo string, path string, opts *RepositoryContentFileOptions) (*RepositoryContentResponse, *Response, error)
func (*RepositoriesService) CreateRelease(ctx context.Context, owner string, repo string, release *RepositoryRelease) (*RepositoryRelease, *Response, error)
func (*RepositoriesService) CreateStatus(ctx context.Context, owner string, repo string, ref string, status *RepoStatus) (*RepoStatus, *Response, error)
func (*RepositoriesService) DeleteFile(ctx context.Context, owner string, repo string, path string, opts *RepositoryContentFileOptions) (*RepositoryContentResponse, *Response, error)
func (*RepositoriesService) Get(ctx context.Context, owner string, repo string) (*Repository, *Response, error)
func (*RepositoriesService) GetCommit(ctx context.Context, owner string, repo string, sha string, opts *ListOptions) (*RepositoryCommit, *Response, error)
func (*RepositoriesService) GetContents(ctx context.Context, owner string, repo string, path string, opts *RepositoryContentGetOptions) (fileContent *RepositoryContent, directoryContent []*RepositoryContent, resp *Response, err error)
func (*RepositoriesService) GetLatestRelease(ctx context.Context, owner string, repo string) (*RepositoryRelease, *Response, error)
func (*RepositoriesService) List(ctx context.Context, user string, opts *RepositoryListOptions) ([]*Repository, *Response, error)
func (*RepositoriesService) ListBranches(ctx context.Context, owner string, repo string, opts *BranchListOptions) ([]*Branch, *Response, error)
func (*RepositoriesService) ListCommits(ctx context.Context, owner string, repo string, opts *CommitsListOptions) ([]*RepositoryCommit, *Response, error)
func (*RepositoriesService) ListReleases(ctx context.Context, owner string, repo string, opts *ListOptions) ([]*RepositoryRelease, *Response, error)
func (*RepositoriesService) UpdateFile(ctx context.Context, owner string, repo string, path string, opts *RepositoryContentFileOptions) (*RepositoryContentResponse, *Response, error)

type Repository struct{}

type RepositoryCommit struct{}

type RepositoryContent struct{}

type RepositoryContentFileOptions struct{}

type RepositoryContentGetOptions struct{}

type RepositoryContentResponse struct{}

type RepositoryListOptions struct{}

type RepositoryRelease struct{}

type Response struct{}

type Tree struct{}
