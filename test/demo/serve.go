package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/server"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// runServe is the server of `zimbraloki serve` and returns its exit code. It
// takes the flags that lokirun gives and no others: the command line, and what
// reads archives, would be compiled for some ten seconds to do the same.
func runServe(args []string) int {
	o := server.Options{Out: os.Stderr, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	f.StringVar(&o.Listen, "listen", "", "`address` on loopback")
	f.StringVar(&o.Store.Dir, "data", "", "`folder` of the entries")
	f.IntVar(&o.API.MaxEntries, "query-max-entries", lokiapi.DefaultMaxEntries, "`entries` of a log query")
	f.IntVar(&o.API.MaxSeries, "query-max-series", lokiapi.DefaultMaxSeries, "`series` of a metric query")
	f.DurationVar(&o.API.Timeout, "query-timeout", lokiapi.DefaultTimeout, "`time` of a query")
	o.Store.Memory = store.DefaultMemory
	if f.Parse(args) != nil {
		return 2 // flag has said why
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := server.Run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "zimbraloki serve:", err)
		return 1
	}
	return 0
}
