// Package clickhouse is a stub: the functions of v2.50.0 that blocking.txt names, and the
// types in their signatures.
package clickhouse

import (
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func Open(opt *Options) (driver.Conn, error)

type Options struct{}
