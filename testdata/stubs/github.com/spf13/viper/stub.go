// Package viper is a stub: the functions of v1.21.0 that blocking.txt names, and the
// types in their signatures.
package viper

import (
	"io"
)

func MergeConfig(in io.Reader) error
func MergeInConfig() error
func ReadConfig(in io.Reader) error
func ReadInConfig() error
func ReadRemoteConfig() error
func SafeWriteConfig() error
func WatchConfig()
func WriteConfig() error
func WriteConfigAs(filename string) error

type Viper struct{}

func (*Viper) MergeConfig(in io.Reader) error
func (*Viper) MergeInConfig() error
func (*Viper) ReadConfig(in io.Reader) error
func (*Viper) ReadInConfig() error
func (*Viper) ReadRemoteConfig() error
func (*Viper) SafeWriteConfig() error
func (*Viper) WatchConfig()
func (*Viper) WatchRemoteConfig() error
func (*Viper) WriteConfig() error
func (*Viper) WriteConfigAs(filename string) error
