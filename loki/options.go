package loki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/grafana/loki-client-go/pkg/urlutil"

	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/internal/smallfile"
)

// Options of a Client. Only URL is required. An Options prints itself without
// its secrets.
type Options struct {
	// URL of Loki's push endpoint, http or https; one without a path gets
	// PushPath. A user and password in it are used for basic authentication.
	URL string
	// TenantID is the X-Scope-OrgID of entries that have no tenant of their
	// own; "" sends none.
	TenantID string

	User         string // basic authentication
	Password     string
	PasswordFile string // read again when it changes, and after a 401
	// BearerToken and BearerTokenFile exclude each other and User.
	BearerToken     string
	BearerTokenFile string
	Headers         []entry.Pair // sent with every request

	TLS TLS

	// Compress is "snappy" (protobuf; the default), "gzip" or "none" (JSON).
	Compress string
	// BatchBytes bounds a body before compression; 0 means DefaultBatchBytes.
	BatchBytes int
	// Timeout bounds one request; 0 leaves it to the context of Push.
	Timeout time.Duration

	// KeepLabels is for entries that must stay in their streams, as they are
	// copied from elsewhere: what comes too late for them goes to no late
	// stream, but ends Push with an error that says what a person must mend.
	KeepLabels bool

	// DeadLetter keeps what Loki refuses for good. Without one, refused
	// entries are counted and their beginnings logged.
	DeadLetter *deadletter.Writer
	Log        *slog.Logger // nil for nobody
	Version    string       // of zimbraloki, for the User-Agent

	// Transport replaces the client's own; then TLS is not used. For tests.
	Transport http.RoundTripper
}

// TLS says how an https URL is spoken to. The zero value trusts the system's
// authorities.
type TLS struct {
	CAFile             string // PEM; trusted instead of the system's
	CertFile, KeyFile  string // PEM; the client's own, read at each handshake
	ServerName         string // expected in the certificate, "" for the host of the URL
	InsecureSkipVerify bool
}

// PushPath is Loki's push endpoint.
const PushPath = "/loki/api/v1/push"

const (
	// DefaultBatchBytes is 2 MiB: half of what Loki's parts pass on to each
	// other at most (grpc_server_max_recv_msg_size, 4 MiB); compressed, some
	// 600 kB, below what proxies take without being asked (nginx
	// client_max_body_size, 1 MB). A chunk of Fluent Bit makes about three.
	DefaultBatchBytes = 2 << 20
	// minBatchBytes is the least that BatchBytes may be, 16 KiB.
	minBatchBytes = 16 << 10
	// maxBatchBytes leaves room for the labels under Loki's 4 MiB.
	maxBatchBytes = 3 << 20
)

// LogValue implements slog.LogValuer: a client's options without secrets.
func (o Options) LogValue() slog.Value { return slog.StringValue(o.String()) }

// GoString implements fmt.GoStringer, so that %#v tells no secrets either.
func (o Options) GoString() string { return o.String() }

// String implements fmt.Stringer.
func (o Options) String() string {
	u, user, err := parseURL(o.URL)
	if err != nil {
		return "loki options with a bad url"
	}
	auth := "none"
	switch {
	case o.User != "" || user != nil:
		auth = "basic"
	case o.BearerToken != "" || o.BearerTokenFile != "":
		auth = "bearer"
	}
	return fmt.Sprintf("url=%s auth=%s tenant=%q compress=%q", shownURL(u), auth, o.TenantID, o.Compress)
}

// parseURL checks a push URL and takes the user out of it. Errors do not
// repeat the URL: it may hold a password.
func parseURL(s string) (u *url.URL, user *url.Userinfo, err error) {
	var v urlutil.URLValue
	if err := v.Set(s); err != nil {
		var bad *url.Error
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return nil, nil, fmt.Errorf("cannot parse url: %w", err)
	}
	u = v.URL
	switch {
	case s == "":
		return nil, nil, errors.New("url is empty")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, nil, fmt.Errorf("url must begin with http:// or https://, like http://127.0.0.1:3100%s", PushPath)
	case u.Hostname() == "":
		return nil, nil, errors.New("url names no host")
	case u.Fragment != "":
		return nil, nil, errors.New("url has a fragment (#…), which is never sent")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = PushPath
	}
	user, u.User = u.User, nil
	return u, user, nil
}

// shownURL is a URL for people: without user and query, which may be secrets.
func shownURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return shown.String()
}

// check fills in defaults and refuses what cannot work.
func (o *Options) check() error {
	if o.BatchBytes == 0 {
		o.BatchBytes = DefaultBatchBytes
	}
	if o.BatchBytes < minBatchBytes || o.BatchBytes > maxBatchBytes {
		return fmt.Errorf("batch bytes %d is not between %d and %d", o.BatchBytes, minBatchBytes, maxBatchBytes)
	}
	if o.Timeout < 0 {
		return fmt.Errorf("request timeout %v is negative", o.Timeout)
	}
	if err := validTenant(o.TenantID); err != nil {
		return err
	}
	for _, h := range o.Headers {
		if err := checkHeader(h); err != nil {
			return err
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	return nil
}

// validTenant applies Loki's rule for a tenant ID (dskit tenant.ValidTenantID,
// at most 150 bytes); "" is valid here and means none.
func validTenant(s string) error {
	const maxTenant = 150
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!-_.*'()", c) >= 0) {
			return fmt.Errorf("tenant ID %q contains %q; letters, digits and !-_.*'() are allowed", s, c)
		}
	}
	if len(s) > maxTenant {
		return fmt.Errorf("tenant ID of %d bytes is longer than %d", len(s), maxTenant)
	}
	if s == "." || s == ".." {
		return fmt.Errorf("tenant ID %q is not allowed", s)
	}
	return nil
}

// ownHeaders are set by the client itself; the value says by which option.
var ownHeaders = map[string]string{
	"Authorization":     "http_user or bearer_token",
	"Content-Type":      "compress",
	"Content-Encoding":  "compress",
	"Content-Length":    "the body",
	"Transfer-Encoding": "the body",
	"Host":              "url",
	"X-Scope-Orgid":     "tenant_id",
}

// checkHeader refuses a header that could not be sent, or that another option
// decides. Errors do not repeat the value.
func checkHeader(h entry.Pair) error {
	if h.Name == "" {
		return errors.New("header has no name")
	}
	for i := range len(h.Name) {
		c := h.Name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return fmt.Errorf("header name %q contains %q", h.Name, c)
		}
	}
	for i := range len(h.Value) {
		if c := h.Value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("value of header %q contains a control character", h.Name)
		}
	}
	if by, ok := ownHeaders[http.CanonicalHeaderKey(h.Name)]; ok {
		return fmt.Errorf("header %q is set by %s", h.Name, by)
	}
	return nil
}

// config makes the TLS configuration, nil for the defaults.
func (t *TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify} //nolint:gosec // asked for
	if t.CAFile != "" {
		pem, err := smallfile.Read(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("cannot read tls_ca_file: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("tls_ca_file %q holds no PEM certificate", t.CAFile)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, errors.New("tls_cert_file and tls_key_file need each other")
	}
	if t.CertFile == "" {
		return c, nil
	}
	if _, err := t.certificate(); err != nil {
		return nil, err
	}
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.certificate() }
	return c, nil
}

func (t *TLS) certificate() (*tls.Certificate, error) {
	certPEM, err := smallfile.Read(t.CertFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read tls_cert_file: %w", err)
	}
	keyPEM, err := smallfile.Read(t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("cannot read tls_key_file: %w", err)
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("cannot load tls_cert_file %q and tls_key_file %q: %w", t.CertFile, t.KeyFile, err)
	}
	return &cert, nil
}
