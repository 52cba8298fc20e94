package loki

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/internal/quiet"
)

// Client pushes batches to one Loki. Safe for concurrent use.
type Client struct {
	url     string // with the query
	shown   string // for people
	tenant  string
	codec   codec
	timeout time.Duration
	header  http.Header // of every request
	creds   *credentials
	http    *http.Client
	probe   http.RoundTripper // for Ready
	dead    deadWriter        // nil: refused entries are logged
	keep    bool              // Options.KeepLabels
	log     *slog.Logger

	limit  *bodyLimit
	ledger ledger
	way    quiet.State // to Loki
	losses quiet.Tally // by reason
	taken  atomic.Bool // Loki has taken something since the start
	stats  Stats
}

// deadWriter is what a Client needs of a *deadletter.Writer.
type deadWriter interface {
	Append(...deadletter.Record) error
	Path() string
}

// NewClient checks the options and makes a client. It does not speak to Loki
// yet.
func NewClient(o Options) (*Client, error) {
	u, user, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	creds, err := newCredentials(&o, user)
	if err != nil {
		return nil, err
	}
	codec, err := parseCodec(o.Compress)
	if err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		if transport, err = newTransport(&o.TLS); err != nil {
			return nil, err
		}
	}
	c := &Client{
		url: u.String(), shown: shownURL(u), tenant: o.TenantID, codec: codec, timeout: o.Timeout, creds: creds,
		http: &http.Client{
			Transport: transport,
			// A redirect would turn the POST into a GET, or carry the
			// credentials elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		probe: transport, keep: o.KeepLabels,
		log:   o.Log,
		limit: newBodyLimit(o.BatchBytes),
	}
	if d, ok := transport.(*direct); ok {
		c.probe = d.fallback // direct speaks POST only
	}
	if o.DeadLetter != nil {
		c.dead = o.DeadLetter
	}
	c.header = http.Header{"User-Agent": {"zimbraloki/" + o.Version}}
	for _, h := range o.Headers {
		c.header.Set(h.Name, h.Value)
	}
	codec.setHeader(c.header)
	return c, nil
}

// newTransport makes a transport that keeps connections and takes the proxy
// from the environment. HTTP/1.1 only: a push waits for its answer, so there
// is nothing to multiplex, and a dead connection is noticed at once.
func newTransport(t *TLS) (http.RoundTripper, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &direct{fallback: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: maxHead,
		MaxIdleConnsPerHost:    16,               // one per Fluent Bit worker is enough
		IdleConnTimeout:        60 * time.Second, // Loki closes after 120 s (http_server_idle_timeout)
		DisableCompression:     true,
		WriteBufferSize:        1 << 20, // a whole body goes out with one write: each one that blocks costs two switches of threads
		Protocols:              protocols,
	}}, nil
}

// Stats returns the counters of c.
func (c *Client) Stats() *Stats { return &c.stats }

// Close closes idle connections. Pushes that are under way end on their own.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// answer is what became of one request.
type answer struct {
	decision
	status int
	text   string // of the body
	err    error  // of the network, without the URL
}

// Limits of what is read of an answer, in bytes. Loki's 400 lists refused
// entries, some 200 bytes each.
const (
	maxAnswer      = 4 << 10
	maxRefusalText = 1 << 20
	maxDrained     = 256 << 10 // read and dropped to keep the connection
)

// post sends one body and judges the answer. It asks again at once, a single
// time, if a kept connection turned out to be dead, or if a 401 came and a
// file of credentials holds something new.
func (c *Client) post(ctx context.Context, tenant string, body []byte, sent *atomic.Int32) answer {
	var a answer
	for again := range 2 {
		var reused bool
		a, reused = c.postOnce(ctx, tenant, body, sent)
		stale := a.err != nil && reused && ctx.Err() == nil && a.kind != "timeout"
		renewed := a.status == http.StatusUnauthorized && again == 0 && c.creds.renew()
		if !stale && !renewed {
			break
		}
	}
	return a
}

func (c *Client) postOnce(ctx context.Context, tenant string, body []byte, sent *atomic.Int32) (a answer, reused bool) {
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	var kept atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { kept.Store(i.Reused) },
	})
	r, err := c.request(ctx, tenant, body, sent)
	if err != nil {
		return c.failed(err), false
	}
	c.stats.Requests.Add(1)
	defer c.stats.Duration.Since(time.Now())
	resp, err := c.http.Do(r)
	if err != nil {
		// The next request takes a fresh connection, and asks DNS anew.
		c.http.CloseIdleConnections()
		return c.failed(err), kept.Load()
	}
	defer resp.Body.Close() //nolint:errcheck // nothing follows from it
	text, err := readAnswer(resp)
	if err != nil {
		return c.failed(err), false // half an answer is no receipt, nor a reason to give up an entry
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		text = "to " + location(resp)
	}
	a = answer{status: resp.StatusCode, text: text}
	a.decision = classify(resp.StatusCode, resp.Header, []byte(text), nil, time.Now())
	c.stats.verdicts[a.verdict].Add(1)
	return a, kept.Load()
}

func (c *Client) failed(err error) answer {
	a := answer{err: withoutURL(err), decision: classify(0, nil, nil, err, time.Now())}
	c.stats.verdicts[a.verdict].Add(1)
	return a
}

// request makes the HTTP request. sent counts the readers of body that are
// still open.
func (c *Client) request(ctx context.Context, tenant string, body []byte, sent *atomic.Int32) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, nil)
	if err != nil {
		return nil, err
	}
	r.Header = c.header.Clone()
	if tenant == "" {
		tenant = c.tenant
	}
	if tenant != "" {
		r.Header.Set("X-Scope-OrgID", tenant)
	}
	c.creds.set(r)
	r.ContentLength = int64(len(body))
	r.Body = newBodyReader(body, sent)
	r.GetBody = func() (io.ReadCloser, error) { return newBodyReader(body, sent), nil }
	return r, nil
}

// readAnswer reads the body of an answer, bounded, and drains the rest.
func readAnswer(resp *http.Response) (string, error) {
	limit := int64(maxAnswer)
	if resp.StatusCode >= 400 && resp.StatusCode < 500 {
		limit = maxRefusalText
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return string(text), err
	}
	_, err = io.CopyN(io.Discard, resp.Body, maxDrained)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return string(text), err
}

// location is where a redirect leads, for people.
func location(resp *http.Response) string {
	u, err := resp.Location()
	if err != nil {
		return "nowhere"
	}
	return shownURL(u)
}

// withoutURL strips the URL off an error of net/http: the client says it in
// its own form, without the query.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// pushError makes the error of an answer, in which no secret stands.
func (c *Client) pushError(a answer) *PushError {
	e := &PushError{Retry: a.verdict == verdictRetry, URL: c.shown, Status: a.status, Body: c.quote(a.text), Cure: a.cure, After: a.after, kind: a.kind}
	if a.err != nil {
		e.Err = a.err
		if said := a.err.Error(); c.creds.clean(said) != said {
			e.Err = errors.New(c.creds.clean(said)) // not wrapped: its text held a secret
		}
	}
	return e
}

// maxQuoted is how much of an answer or an entry is shown to people, in bytes.
const maxQuoted = 512

// quote is the beginning of a text that somebody else wrote, on one line and
// without secrets.
func (c *Client) quote(s string) string {
	return oneLine(c.creds.clean(s[:min(len(s), 4*maxQuoted)]))
}
