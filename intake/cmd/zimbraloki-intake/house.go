package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/settings"
	"github.com/zimbraloki/zimbraloki/intake/store"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// house is what settings name, opened.
type house struct {
	settings settings.Settings
	db       *store.DB
	blobs    files.Blobs
	desk     *tickets.Service
	log      *slog.Logger
	closers  []io.Closer // closed from the last to the first
}

// open reads the settings and opens what they name. The folder of the data and
// the tables are made if they are missing.
func (a *app) open(ctx context.Context, trail io.Writer) (*house, error) {
	s, err := settings.Load(a.environ, a.file)
	if err != nil {
		return nil, usage{err}
	}
	if owner := rootsGuest(s.DataDir); owner != "" {
		return nil, usagef("DATA_DIR %s belongs to %s, who could not write what root makes in it: run the command as its owner, with runuser for example", s.DataDir, owner)
	}
	if err := s.Prepare(); err != nil {
		return nil, err
	}
	h := &house{settings: s, log: logger(a.err, s)}
	for _, w := range s.Warnings {
		h.log.Warn(w)
	}
	if err := h.open(ctx, trail); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *house) open(ctx context.Context, trail io.Writer) (err error) {
	s := h.settings
	if h.db, err = store.Open(ctx, s.DBURL); err != nil {
		return err
	}
	h.closers = append(h.closers, h.db)
	bucket := ""
	if s.S3 != nil {
		bucket = s.S3.String()
	}
	if h.blobs, err = files.Open(ctx, bucket, filepath.Join(s.DataDir, "archives"), h.tmp()); err != nil {
		return err
	}
	if c, ok := h.blobs.(io.Closer); ok {
		h.closers = append(h.closers, c)
	}
	audit, err := h.audit(trail)
	if err != nil {
		return err
	}
	h.desk = tickets.New(h.db, tickets.RulesOf(s), tickets.Options{
		Log: h.log, Audit: audit,
		Storage: tickets.Storage{
			Delete: h.blobs.Delete,
			Free: func(ctx context.Context) (int64, error) {
				u, err := h.blobs.Free(ctx)
				if u.Total == 0 { // nobody knows, of a bucket
					return 1 << 62, err
				}
				return u.Free, err
			},
		},
	})
	return os.MkdirAll(h.tmp(), 0o700)
}

// tmp is the folder of files that are needed for a while.
func (h *house) tmp() string { return filepath.Join(h.settings.DataDir, "tmp") }

// audit is the log that AUDIT_LOG names, "-" is the writer.
func (h *house) audit(trail io.Writer) (*slog.Logger, error) {
	switch path := h.settings.AuditLog; path {
	case "":
		return nil, nil
	case "-":
		return tickets.Audit(trail), nil
	default:
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
		if err != nil {
			return nil, fmt.Errorf("setting AUDIT_LOG: %w", err)
		}
		h.closers = append(h.closers, f)
		return tickets.Audit(f), nil
	}
}

func (h *house) close() (err error) {
	for i := len(h.closers) - 1; i >= 0; i-- {
		err = errors.Join(err, h.closers[i].Close())
	}
	return err
}

func logger(w io.Writer, s settings.Settings) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// with opens the house for a command and closes it after. What a command prints
// is a backup perhaps, so the trail goes beside it.
func (a *app) with(ctx context.Context, f func(*house) error) error {
	return a.withTrail(ctx, a.err, f)
}

func (a *app) withTrail(ctx context.Context, trail io.Writer, f func(*house) error) error {
	h, err := a.open(ctx, trail)
	if err != nil {
		return err
	}
	return errors.Join(f(h), h.close())
}
