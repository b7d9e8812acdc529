// Package zerolog is a stub: the functions of v1.35.1 that blocking.txt names, and the
// types in their signatures.
package zerolog

type Event struct{}

func (*Event) Msg(msg string)
func (*Event) MsgFunc(createMsg func() string)
func (*Event) Msgf(format string, v ...interface{})
func (*Event) Send()

type Logger struct{}

func (*Logger) Print(v ...interface{})
func (*Logger) Printf(format string, v ...interface{})
func (*Logger) Println(v ...interface{})
