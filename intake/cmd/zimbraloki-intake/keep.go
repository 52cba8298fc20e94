package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/intake/backup"
	"github.com/zimbraloki/zimbraloki/intake/files"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/origin"
	"github.com/zimbraloki/zimbraloki/internal/buildinfo"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Args: names("the file, or - for standard output"), Short: "Write everything into a tar, while the server runs",
		Long: "Writes the database as it is at one instant, and the archives, into one tar. It can be restored into another kind of database and storage. " +
			"The key that signs tokens is not in it: keep SECRET_KEY, or secret.key of DATA_DIR, apart.",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				sum, err := a.backup(c.Context(), h, args[0])
				h.did(c.Context(), model.ActionBackup, err, fmt.Sprintf("blobs=%d bytes=%d", sum.Blobs, sum.Bytes))
				if err != nil {
					return err
				}
				a.warn("%s", told("written", sum))
				return a.missing(sum)
			})
		},
	}
}

// backup writes to a file that has its name when it is whole.
func (a *app) backup(ctx context.Context, h *house, name string) (sum backup.Summary, err error) {
	if name == "-" {
		return backup.Write(ctx, a.out, h.db, h.blobs, buildinfo.Version, h.tmp(), time.Now())
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".part-*")
	if err != nil {
		return sum, fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(f.Name())
	sum, err = backup.Write(ctx, f, h.db, h.blobs, buildinfo.Version, h.tmp(), time.Now())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return sum, err
	}
	return sum, os.Rename(f.Name(), name)
}

func told(what string, s backup.Summary) string {
	text := what + ":"
	for _, t := range s.Tables() {
		text += fmt.Sprintf(" %s %d,", t, s.Rows[t])
	}
	return text + fmt.Sprintf(" archives' files %d of %s", s.Blobs, say.Size(s.Bytes))
}

// missing tells of archives whose files were not there.
func (a *app) missing(s backup.Summary) error {
	for _, key := range s.Missing {
		a.warn("the file %s of an archive was not there", key)
	}
	if len(s.Missing) > 0 {
		return errPartly
	}
	return nil
}

// did notes what a command did.
func (h *house) did(ctx context.Context, action string, err error, detail string) {
	e := model.Event{Actor: console, Action: action, Outcome: model.OutcomeSuccess, Detail: detail}
	if err != nil {
		e.Outcome, e.Detail = model.OutcomeFailure, err.Error()
	}
	h.desk.Record(ctx, e)
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Args: names("the file, or - for standard input"), Short: "Restore a backup into an empty database, while the server is stopped",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				var in io.Reader = a.in
				if args[0] != "-" {
					f, err := os.Open(args[0])
					if err != nil {
						return fmt.Errorf("restore: %w", err)
					}
					defer f.Close()
					in = f
				}
				sum, err := backup.Read(c.Context(), in, h.db, h.blobs, time.Now())
				if err != nil {
					return err
				}
				h.did(c.Context(), model.ActionRestore, nil, fmt.Sprintf("blobs=%d bytes=%d", sum.Blobs, sum.Bytes))
				a.warn("%s", told("restored", sum))
				return a.missing(sum)
			})
		},
	}
}

func (a *app) migrateCommand() *cobra.Command {
	var o origin.Options
	c := &cobra.Command{
		Use: "migrate-from DIR", Args: names("the data folder of LOGS-COLLECTOR"), Short: "Take over users, platforms, tickets and archives of a LOGS-COLLECTOR",
		Long: "Reads db.sqlite3 and archives/ of the folder and changes neither. Customers go on with the tokens they have, users with their passwords and authenticators; " +
			"backup codes have to be made anew. It can be run again: what is here already stays.",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(c.Context(), func(h *house) error {
				o.Dir, o.Now, o.Say = args[0], time.Now(), a.warn
				sum, err := origin.Take(c.Context(), o, h.db, h.blobs)
				if !o.DryRun {
					h.did(c.Context(), model.ActionMigrate, err, fmt.Sprintf("users=%d tickets=%d archives=%d", sum.Users.Taken, sum.Tickets.Taken, sum.Archives.Taken))
				}
				for _, k := range []struct {
					name string
					n    origin.Count
				}{{"users", sum.Users}, {"platforms", sum.Platforms}, {"tickets", sum.Tickets}, {"archives", sum.Archives}} {
					a.say("%-10s %d taken over, %d here already, %d not taken over", k.name, k.n.Taken, k.n.Present, k.n.Failed)
				}
				a.say("%-10s %s", "bytes", say.Size(sum.Bytes))
				if err == nil && sum.Failed() {
					err = errPartly
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&o.Database, "database", "", "its database, if that is not db.sqlite3 in the folder")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "only tell what would be taken over")
	c.Flags().BoolVar(&o.Import, "import", false, "read the archives and make reports too")
	return c
}

func (a *app) cleanupCommand() *cobra.Command {
	var dry bool
	var older time.Duration
	c := &cobra.Command{
		Use: "cleanup", Args: names(), Short: "Remove files that no archive names, left by a crash for example",
		RunE: func(c *cobra.Command, _ []string) error {
			return a.with(c.Context(), func(h *house) error {
				// A resumable upload may be gone on with for so long.
				before := time.Now().Add(-max(older, h.settings.Limits.ResumeTime))
				n, bytes := int64(0), int64(0)
				err := backup.Cleanup(c.Context(), h.db, h.blobs, before, dry, func(i files.Info) {
					n, bytes = n+1, bytes+i.Size
					a.say("%s  %s  %s", i.Key, say.Size(i.Size), since(i.Modified))
				})
				if !dry {
					h.did(c.Context(), model.ActionCleanup, err, fmt.Sprintf("blobs=%d bytes=%d", n, bytes))
				}
				if err != nil {
					return err
				}
				done := "removed"
				if dry {
					done = "would be removed"
				}
				a.warn("%s of %s %s", say.Count(n, "file", "files"), say.Size(bytes), done)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only tell")
	c.Flags().DurationVar(&older, "older", 24*time.Hour, "leave files that are younger; RESUME_TIME at least")
	return c
}
