package loki

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// reachTimeout bounds the question of Ready.
const reachTimeout = 2 * time.Second

// Ready tells whether entries can be delivered, as far as is known: after a
// push by how the last one ended, before the first one by asking whether
// anything but an error of a gateway answers at the address. The error is for
// people.
func (c *Client) Ready(ctx context.Context) error {
	if n, since := c.way.Outage(); n > 0 {
		return fmt.Errorf("cannot deliver to %s for %s, %d pushes failed; see the log for the reason", c.shown, since.Round(time.Second), n)
	}
	if c.taken.Load() {
		return nil
	}
	return c.reach(ctx)
}

// reach asks for the push endpoint without a body or credentials: any answer
// below 500 comes from something that is there. Loki says 405.
func (c *Client) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url, nil)
	if err != nil {
		return errors.New("cannot ask " + c.shown)
	}
	r.Header.Set("User-Agent", c.header.Get("User-Agent"))
	resp, err := c.probe.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("nothing was pushed yet, and %s does not answer: %w", c.shown, withoutURL(err))
	}
	defer resp.Body.Close()                                           //nolint:errcheck // nothing follows from it
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrained)) // to keep the connection
	if resp.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("nothing was pushed yet, and %s answers %s", c.shown, resp.Status)
	}
	return nil
}
