package loki

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// verdict is what an answer means for what was sent.
type verdict uint8

const (
	verdictOK       verdict = iota // Loki has it
	verdictRetry                   // the same bytes may succeed later
	verdictConfig                  // the same bytes succeed once a person has mended something
	verdictTooLarge                // halves may succeed
	verdictRefused                 // some of it will never be taken
)

// decision is a verdict with its reasons.
type decision struct {
	verdict verdict
	after   time.Duration // the server asks to wait so long, 0 if it does not
	kind    string        // tells errors apart for the log; nothing in it varies
	cure    string        // what a person can do, "" if nothing
}

// classify decides what the answer to a push means: status, header and body of
// an answer, or the error if there was none. It is the only place that decides
// whether to retry.
func classify(status int, h http.Header, body []byte, err error, now time.Time) decision {
	if err != nil {
		return classifyError(err)
	}
	text := string(body)
	d := decision{verdict: verdictRetry, kind: "status " + strconv.Itoa(status)}
	switch {
	case status == statusBlocked:
		d.verdict, d.cure = verdictConfig, "Loki is told to block this ingestion: see block_ingestion_until in its limits_config"
	case status >= 200 && status < 300:
		if !isHTML(h, text) {
			return decision{verdict: verdictOK}
		}
		d.verdict, d.kind, d.cure = verdictConfig, d.kind+" html", cureHTML
	case status < 400:
		d.verdict, d.cure = verdictConfig, "the server sends elsewhere, which is not followed: put the address it names into url"
	case cures[status] != "":
		d.verdict, d.cure = verdictConfig, cures[status]
		if status == http.StatusUnauthorized && strings.Contains(text, "no org id") {
			d.cure = "Loki wants to know the tenant (auth_enabled): set tenant_id"
		}
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests:
		d.after = retryAfter(h, now)
	case status == http.StatusRequestEntityTooLarge, strings.HasPrefix(text, textDecompressed), strings.Contains(text, textVictoriaSize):
		d.verdict = verdictTooLarge
	case status < 500:
		d.verdict = verdictRefused
		if strings.HasPrefix(text, textPlain) {
			d.verdict, d.kind, d.cure = verdictConfig, "scheme", cureScheme
		} else if strings.HasPrefix(text, textVictoriaPath) {
			d.verdict, d.kind, d.cure = verdictConfig, "path", cureVictoria
		} else if isHTML(h, text) {
			d.verdict, d.kind, d.cure = verdictConfig, d.kind+" html", cureHTML
		}
	default:
		d.after = retryAfter(h, now)
		d.verdict = hopeless(text)
	}
	return d
}

// statusBlocked is Loki's own status for an ingestion that its operator has
// blocked (v3.7.8 pkg/validation/limits.go): looks like success, stores nothing.
const statusBlocked = 260

// textDecompressed begins Loki's 400 for a body that is too large once
// decompressed (pkg/util/http.go).
const textDecompressed = "decompressed message size too large"

// textPlain begins the 400 of a Go server that was to be spoken to in TLS.
const textPlain = "Client sent an HTTP request to an HTTPS server"

// Of VictoriaLogs' 400s (v1.52.2): for a path that it does not know, which says
// nothing about the entries, and for a body that is too large for it
// (-loki.maxRequestSize).
const (
	textVictoriaPath = "unsupported path requested"
	textVictoriaSize = "too big data size exceeding"
)

const (
	cureVictoria = "check url: VictoriaLogs takes Loki's push at /insert/loki/api/v1/push"

	cureScheme = "check http:// or https:// in url: the server speaks the other one"
	// Loki answers in plain text. A page for people is a proxy's or another
	// server's, and says nothing about the entries.
	cureHTML = "this is a web page and not Loki: check url, and any proxy before Loki"
)

// cures says what to do about a status that only a person can mend. None of
// them speaks about single entries.
var cures = map[int]string{
	http.StatusPaymentRequired:             "check the account at the Loki service",
	http.StatusUnauthorized:                "check http_user and http_passwd, or bearer_token",
	http.StatusForbidden:                   "the credentials are known but may not push: check them and tenant_id, or the proxy before Loki",
	http.StatusNotFound:                    "check url: its path must be Loki's push endpoint, usually " + PushPath,
	http.StatusMethodNotAllowed:            "check url: its path must be Loki's push endpoint, usually " + PushPath,
	http.StatusProxyAuthRequired:           "the HTTP proxy wants a user: set it in the environment's HTTP_PROXY or HTTPS_PROXY",
	http.StatusLengthRequired:              "check the proxy before Loki: it does not pass on Content-Length",
	http.StatusMisdirectedRequest:          "check url and tls_server_name: this server does not serve that name",
	http.StatusUpgradeRequired:             "check url: this server wants another protocol",
	http.StatusRequestHeaderFieldsTooLarge: "the header or the token is too long for the proxy before Loki",
}

// hopeless recognises the answers of 500 that stay the same however often they
// are asked for (measured on v3.7.8).
func hopeless(text string) verdict {
	switch {
	case strings.Contains(text, "ResourceExhausted") && strings.Contains(text, "message larger than max"):
		return verdictTooLarge // between Loki's parts, grpc_server_max_recv_msg_size
	case strings.HasPrefix(text, "label name is empty"),
		strings.HasPrefix(text, "normalization for label name"),   // of structured metadata
		strings.Contains(text, "no schema config found for time"): // before the first period
		return verdictRefused
	}
	return verdictRetry
}

// isHTML reports whether an answer is a web page.
func isHTML(h http.Header, text string) bool {
	if strings.HasPrefix(h.Get("Content-Type"), "text/html") {
		return true
	}
	start := strings.ToLower(strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n"))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// maxRetryAfter caps what a server may ask for.
const maxRetryAfter = 5 * time.Minute

// retryAfter reads Retry-After (RFC 9110 §10.2.3): seconds or an HTTP date.
// What cannot be read, or lies in the past, is 0.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if digits := strings.TrimLeft(v, "0123456789"); digits == "" {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			return maxRetryAfter // more digits than any sensible time
		}
		return min(time.Duration(n)*time.Second, maxRetryAfter)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}

// classifyError decides about a request that got no answer, or half of one.
func classifyError(err error) decision {
	d := decision{verdict: verdictRetry, kind: "network"}
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		op          *net.OpError
	)
	switch {
	case errors.As(err, &certificate):
		d.verdict, d.kind, d.cure = verdictConfig, "certificate", "check tls_ca_file and tls_server_name"
	case errors.As(err, &op) && op.Op == "remote error":
		d.verdict, d.kind, d.cure = verdictConfig, "tls alert", "the server ends the TLS handshake: check tls_cert_file and tls_key_file"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		d.verdict, d.kind, d.cure = verdictConfig, "scheme", cureScheme
	case errors.Is(err, context.Canceled):
		d.kind = "cancelled"
	case errors.As(err, &dns):
		d.kind = "dns"
	case isTimeout(err):
		d.kind = "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		d.kind = "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		d.kind = "reset"
	}
	return d
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &e) && e.Timeout()
}

// PushError says why a push did not succeed. It holds no secret.
type PushError struct {
	// Retry reports whether the same bytes may succeed later with nobody doing
	// anything. Without it they come through once a person has mended what Cure
	// names: a command that somebody watches ends, while Fluent Bit, whom nobody
	// watches, keeps the chunk and lets it come again.
	Retry  bool
	URL    string // without user and query
	Status int    // 0 if there was no answer
	Body   string // beginning of the answer
	Cure   string // what a person can do, "" if nothing
	After  time.Duration
	Err    error // of the network, nil if there was an answer
	kind   string
}

// Error implements error.
func (e *PushError) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "cannot push to %s: ", e.URL)
	if e.Err != nil {
		s.WriteString(e.Err.Error())
	} else {
		fmt.Fprintf(&s, "status %d", e.Status)
	}
	if e.Body != "" {
		fmt.Fprintf(&s, ": %s", e.Body)
	}
	if e.Cure != "" {
		fmt.Fprintf(&s, " (%s)", e.Cure)
	}
	return s.String()
}

// Unwrap returns the network's error.
func (e *PushError) Unwrap() error { return e.Err }
