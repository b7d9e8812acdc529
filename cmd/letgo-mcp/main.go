// Command letgo-mcp offers letgo to language models. It is a Model Context Protocol
// server on standard input and output, whose tools run letgo and shorten its output.
// "letgo mcp" starts it.
//
// It is a separate program because the protocol's SDK brings in net/http, TLS and
// OAuth, which letgo does not need.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := &server{turn: make(chan struct{}, 1)}
	flag.StringVar(&s.letgo, "letgo", "letgo", "the letgo `program`")
	flag.StringVar(&s.dir, "C", "", "work in this `directory`")
	flag.BoolVar(&s.write, "w", false, "offer the tool that applies rewrites, too")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "letgo-mcp: it takes no arguments; -C names the directory")
		os.Exit(2)
	}
	err := s.serve().Run(ctx, &mcp.StdioTransport{})
	if err != nil && !errors.Is(err, io.EOF) && ctx.Err() == nil {
		fmt.Fprintf(os.Stderr, "letgo-mcp: %v\n", err)
		os.Exit(2)
	}
}

const instructions = `letgo finds Go code that holds a mutex while it waits for something else, and rewrites it.
Call findings first, then explain for a section and plan for a rewrite of it. A rewrite with questions is
right only if the answer to each of them is yes: read the code before you say so. Many locks are held on
purpose; a verdict is a hint.`

// serve returns the server with its tools.
func (s *server) serve() *mcp.Server {
	m := mcp.NewServer(&mcp.Implementation{Name: "letgo", Title: "letgo", Version: version()}, &mcp.ServerOptions{Instructions: instructions})
	reads := &mcp.ToolAnnotations{ReadOnlyHint: true}
	mcp.AddTool(m, &mcp.Tool{
		Name: "findings", Annotations: reads,
		Description: "List the sections of Go code that hold a mutex while they wait, those of most worth first, each with its verdict and the rewrite that is offered.",
	}, tool(s.findings))
	mcp.AddTool(m, &mcp.Tool{
		Name: "explain", Annotations: reads,
		Description: "Tell about one section: its source with the extent of the lock, what waits and by which calls, what the lock guards, why it may be held by accident or on purpose, and which rewrites there are.",
	}, tool(s.explain))
	mcp.AddTool(m, &mcp.Tool{
		Name: "plan", Annotations: reads,
		Description: "Show a rewrite of one section: its diff, and the questions that must all be answered with yes before it is applied.",
	}, tool(s.plan))
	if s.write {
		mcp.AddTool(m, &mcp.Tool{
			Name:        "apply",
			Description: "Write a rewrite of one section to its file. Name the conditions of all its questions as answered; without them nothing is written. With tests, it is written only if they pass.",
		}, tool(s.apply))
	}
	return m
}

// tool makes the handler of a tool from a function that returns its answer as text.
func tool[In any](answer func(context.Context, In) (string, error)) mcp.ToolHandlerFor[In, any] {
	return func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
		text, err := answer(ctx, in)
		if err != nil {
			return nil, nil, err
		}
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: shorten(text)}}}, nil, nil
	}
}
