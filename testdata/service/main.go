// Command service keeps items in memory and serves them over HTTP. Every item
// is checked by an external validation service before it is stored.
package main

import (
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "listen on this `address`")
	validator := flag.String("validator", "http://localhost:8081/validate", "`URL` of the validation service")
	timeout := flag.Duration("timeout", 5*time.Second, "give up on a validation after this `time`")
	journal := flag.String("log", "items.log", "append changes to this `file`")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *journal, NewValidator(*validator, *timeout)); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx is done, then lets requests in flight finish.
func run(ctx context.Context, addr, journal string, v *Validator) error {
	batch, err := OpenBatcher(journal, 16)
	if err != nil {
		return err
	}
	hub := NewHub()
	srv := &http.Server{
		Handler:           NewServer(v, hub, batch).Routes(),
		ReadHeaderTimeout: 5 * time.Second,
	}
	srv.RegisterOnShutdown(hub.Close)

	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return errors.Join(err, batch.Close())
	}
	log.Printf("listening on %s", ln.Addr())

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		log.Print("shutting down")
		grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = srv.Shutdown(grace)
	}
	return errors.Join(err, batch.Close())
}
