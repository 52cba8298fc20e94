package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"time"
	_ "time/tzdata" // zones by name in an image without /usr/share/zoneinfo

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/intake/http/server"
	"github.com/zimbraloki/zimbraloki/intake/importer"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
)

const serveLong = `Serves the pages, the API and uploads, and reads the archives that come in.

Without settings it listens on port 8000 and keeps everything in the folder data
of the current one, in SQLite: there is nothing to install. docs/settings.md
lists the settings; DB_URL and S3_URL let several processes work together.

SIGTERM ends it: no new uploads are taken, those by one request may go on for a
while, resumable ones go on after the next start, imports go on where they were.`

func (a *app) serveCommand() *cobra.Command {
	var grace time.Duration
	c := &cobra.Command{
		Use: "serve", Short: "Serve pages, API and uploads; read archives", Long: serveLong, Args: names(),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withTrail(c.Context(), a.out, func(h *house) error { return a.serve(c.Context(), h, grace) })
		},
	}
	c.Flags().DurationVar(&grace, "grace", server.DefaultGrace, "how long uploads by one request may go on when the program is told to end")
	return c
}

// What a server and each worker may take, in bytes, before the collector works
// harder. The bound is soft: GOMEMLIMIT sets another.
const (
	serverMemory = 128 << 20
	workerMemory = 128 << 20
)

func (a *app) serve(ctx context.Context, h *house, grace time.Duration) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(serverMemory + int64(max(h.settings.Imports.Workers, 1))*workerMemory)
	}
	o := importer.Of(h.settings)
	o.Store, o.Blobs, o.Server, o.Record, o.Log = h.db, h.blobs, h.desk.Server(), h.desk.Record, h.log
	reader, err := importer.New(o)
	if err != nil {
		return err
	}
	s, err := server.New(server.Options{
		Settings: h.settings, Store: h.db, Blobs: h.blobs, Tickets: h.desk, Accounts: h.accounts(), Importer: reader,
		Grace: grace, Version: buildinfo.Version, Log: h.log, Ready: func(l net.Addr) { a.ready(ctx, h, l) },
	})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// ready tells people where it is, and how the first of them gets in.
func (a *app) ready(ctx context.Context, h *house, l net.Addr) {
	address := "http://" + l.String()
	if t, ok := l.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		address = fmt.Sprintf("http://localhost:%d", t.Port)
	}
	if h.settings.BaseURL != nil {
		address += ", for people " + h.settings.BaseURL.String()
	}
	a.say("listening on %s", address)
	if t, err := h.db.Totals(ctx); err == nil && t.Users == 0 {
		a.say("there is no user yet; make the first: zimbraloki-intake user add NAME --admin (with the same settings)")
	}
}
