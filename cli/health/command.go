// Package health is zimbraloki health: it asks a running plugin whether it is
// healthy, for a container without a shell.
package health

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zimbraloki/zimbraloki/cli/flags"
)

const (
	healthURL     = "http://127.0.0.1:2112/health"
	healthTimeout = 5 * time.Second
	maxHealthText = 1 << 10
)

// Command is zimbraloki health.
func Command() *cobra.Command {
	return &cobra.Command{
		Use:   "health [URL]",
		Short: "Ask a running plugin whether it is healthy",
		Long: `Ask URL and end with status 0 if it answers 2xx. The default is
` + healthURL + `: what the plugin serves with metrics_listen 127.0.0.1:2112.
/ready at the same address also tells whether Loki takes entries.

It is meant for images without a shell or curl, as HEALTHCHECK of Docker.

Exit codes: 0 it is healthy, 1 it is not or does not answer, 2 a mistake in the
command line.`,
		Example: `  zimbraloki health
  zimbraloki health http://127.0.0.1:2112/ready`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return flags.Usagef("health takes one URL, got %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			url := healthURL
			if len(args) == 1 {
				url = args[0]
			}
			return Ask(c.Context(), url, "is metrics_listen set?", c.OutOrStdout())
		},
	}
}

// Ask asks a URL and writes what it says. An error is an answer that is not 2xx,
// or none; hint is what to look at then.
func Ask(ctx context.Context, url, hint string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return flags.UsageError{Err: err}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("cannot ask: %w; %s", err, hint)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing follows from it
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxHealthText))
	if err != nil {
		return fmt.Errorf("cannot ask %s: %w", url, err)
	}
	said := strings.TrimSpace(string(text))
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("%s answers %s: %s", url, resp.Status, said)
	}
	_, err = fmt.Fprintln(out, said)
	return err
}
