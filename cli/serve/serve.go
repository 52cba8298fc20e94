// Package serve is zimbraloki serve: Loki's HTTP API over a store in a folder,
// or over logs that it reads.
package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/say"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/logs/rotation"
	"github.com/zimbraloki/zimbraloki/serve/lokiapi"
	"github.com/zimbraloki/zimbraloki/serve/push"
	"github.com/zimbraloki/zimbraloki/serve/server"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

func run(c *cobra.Command, o *options, args []string) error {
	lo, err := o.logs.Options(c, args)
	if err != nil {
		return err
	}
	dir := o.data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "zimbraloki-serve-"); err != nil {
			return fmt.Errorf("cannot make a folder for what is read: %w; set TMPDIR to one that can be written", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // of the system's folder for such
	}
	so := server.Options{
		Listen: o.listen, Out: told(c), Log: lo.Log,
		Store: store.Options{Dir: dir, MaxAge: o.age, MaxBytes: o.sizeBytes, NoSync: o.noSync || o.data == "", Memory: o.memoryBytes},
		API: lokiapi.Options{
			Push:     push.Options{ServiceName: o.serviceName, Level: o.level, MaxAge: o.age},
			ReadOnly: o.data == "", Token: o.token, User: o.user, Password: o.password,
			MaxEntries: o.maxEntries, MaxSeries: o.maxSeries, Timeout: o.timeout,
		},
	}
	if len(args) > 0 {
		so.Fill = func(ctx context.Context, s *store.Store) error { return read(ctx, c, s, lo) }
	}
	ctx, stop := flags.Interruptible(c.Context())
	defer stop()
	return server.Run(ctx, so)
}

// read puts the entries of the logs into the store. Those that are there already
// are not stored again.
func read(ctx context.Context, c *cobra.Command, s *store.Store, o logs.Options) error {
	began := time.Now()
	b := batcher{s: s}
	partly, err := logs.Survey(ctx, o, nil, func(_ *rotation.Source, e *entry.Entry) {
		b.add(ctx, e)
	})
	b.flush(ctx)
	if err = errors.Join(err, b.err); err != nil {
		return err
	}
	left := ""
	if partly {
		left = "; not all could be read, see above"
	}
	fmt.Fprintf(told(c), "%s read in %s, %s new%s\n", say.Count(b.read, "entry", "entries"), time.Since(began).Round(time.Millisecond), say.Count(b.fresh, "entry", "entries"), left)
	return nil
}

// told is where it says how it goes, to people who want to know.
func told(c *cobra.Command) io.Writer {
	if flags.Quiet(c) {
		return io.Discard
	}
	return c.ErrOrStderr()
}
