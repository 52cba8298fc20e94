package loki

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxQueryAnswer bounds an answer to a question, in bytes.
const maxQueryAnswer = 256 << 20

// Get asks Loki's API for path, as "/loki/api/v1/query_range", with the
// client's tenant and credentials, and returns the body of a 200. Structured
// metadata stands apart from labels in it. Errors hold no secret.
func (c *Client) Get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	resp, body, err := c.Ask(ctx, path, query)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("cannot ask %s: status %d: %s", c.shown, resp.StatusCode, c.quote(string(body)))
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}

// Ask is Get for whom any status is an answer. The body of the response is
// read: it is the second result.
func (c *Client) Ask(ctx context.Context, path string, query url.Values) (*http.Response, []byte, error) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	r, err := c.question(ctx, path, query)
	if err != nil {
		return nil, nil, err
	}
	resp, err := c.probe.RoundTrip(r)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot ask %s: %w", c.shown, withoutURL(err))
	}
	defer resp.Body.Close() //nolint:errcheck // read to the end
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxQueryAnswer+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("cannot ask %s: %w", c.shown, withoutURL(err))
	case len(body) > maxQueryAnswer:
		return nil, nil, fmt.Errorf("%s answers with more than %d MiB", c.shown, maxQueryAnswer>>20)
	}
	return resp, body, nil
}

// question makes the request of Ask.
func (c *Client) question(ctx context.Context, path string, query url.Values) (*http.Request, error) {
	u, err := url.Parse(c.url)
	if err != nil {
		return nil, errors.New("cannot ask " + c.shown)
	}
	base, ok := strings.CutSuffix(u.Path, PushPath)
	if !ok {
		return nil, fmt.Errorf("%s does not end in %s, so where Loki answers questions is not known", c.shown, PushPath)
	}
	u.Path, u.RawPath, u.RawQuery = base+path, "", query.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, errors.New("cannot ask " + c.shown)
	}
	r.Header = c.header.Clone()
	r.Header.Del("Content-Type")
	r.Header.Del("Content-Encoding")
	r.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	if c.tenant != "" {
		r.Header.Set("X-Scope-OrgID", c.tenant)
	}
	c.creds.set(r)
	return r, nil
}
