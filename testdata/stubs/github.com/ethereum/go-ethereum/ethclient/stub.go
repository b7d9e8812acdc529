// Package ethclient is a stub: the functions of v1.17.10 that blocking.txt names, and the
// types in their signatures.
package ethclient

import (
	"context"
	"math/big"

	ethereum "github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

func Dial(rawurl string) (*Client, error)
func DialContext(ctx context.Context, rawurl string) (*Client, error)

type Client struct{}

func (*Client) BalanceAt(ctx context.Context, account common.Address, blockNumber *big.Int) (*big.Int, error)
func (*Client) BlockByHash(ctx context.Context, hash common.Hash) (*types.Block, error)
func (*Client) BlockByNumber(ctx context.Context, number *big.Int) (*types.Block, error)
func (*Client) BlockNumber(ctx context.Context) (uint64, error)
func (*Client) CallContract(ctx context.Context, msg ethereum.CallMsg, blockNumber *big.Int) ([]byte, error)
func (*Client) ChainID(ctx context.Context) (*big.Int, error)
func (*Client) CodeAt(ctx context.Context, account common.Address, blockNumber *big.Int) ([]byte, error)
func (*Client) EstimateGas(ctx context.Context, msg ethereum.CallMsg) (uint64, error)
func (*Client) FeeHistory(ctx context.Context, blockCount uint64, lastBlock *big.Int, rewardPercentiles []float64) (*ethereum.FeeHistory, error)
func (*Client) FilterLogs(ctx context.Context, q ethereum.FilterQuery) ([]types.Log, error)
func (*Client) HeaderByHash(ctx context.Context, hash common.Hash) (*types.Header, error)
func (*Client) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error)
func (*Client) NetworkID(ctx context.Context) (*big.Int, error)
func (*Client) NonceAt(ctx context.Context, account common.Address, blockNumber *big.Int) (uint64, error)
func (*Client) PendingBalanceAt(ctx context.Context, account common.Address) (*big.Int, error)
func (*Client) PendingCodeAt(ctx context.Context, account common.Address) ([]byte, error)
func (*Client) PendingNonceAt(ctx context.Context, account common.Address) (uint64, error)
func (*Client) SendTransaction(ctx context.Context, tx *types.Transaction) error
func (*Client) StorageAt(ctx context.Context, account common.Address, key common.Hash, blockNumber *big.Int) ([]byte, error)
func (*Client) SubscribeFilterLogs(ctx context.Context, q ethereum.FilterQuery, ch chan<- types.Log) (ethereum.Subscription, error)
func (*Client) SubscribeNewHead(ctx context.Context, ch chan<- *types.Header) (ethereum.Subscription, error)
func (*Client) SuggestGasPrice(ctx context.Context) (*big.Int, error)
func (*Client) SuggestGasTipCap(ctx context.Context) (*big.Int, error)
func (*Client) SyncProgress(ctx context.Context) (*ethereum.SyncProgress, error)
func (*Client) TransactionByHash(ctx context.Context, hash common.Hash) (tx *types.Transaction, isPending bool, err error)
func (*Client) TransactionReceipt(ctx context.Context, txHash common.Hash) (*types.Receipt, error)
