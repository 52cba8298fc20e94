package loki

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestClassifyStatus(t *testing.T) {
	f := func(status int, header, body string, want verdict) {
		t.Helper()
		h := http.Header{}
		if name, value, ok := strings.Cut(header, ": "); ok {
			h.Set(name, value)
		}
		d := classify(status, h, []byte(body), nil, now)
		if d.verdict != want {
			t.Errorf("%d %q %.60q: verdict %d, want %d", status, header, body, d.verdict, want)
		}
		if (d.cure != "") != (want == verdictConfig) {
			t.Errorf("%d %q %.60q: cure %q with verdict %d", status, header, body, d.cure, want)
		}
	}
	const plain = "Content-Type: text/plain; charset=utf-8"
	f(204, "", "", verdictOK)
	f(200, plain, "ok", verdictOK)
	f(202, "", "", verdictOK)
	f(299, "", "", verdictOK)
	f(200, "Content-Type: text/html", "<html>please log in", verdictConfig) // a portal
	f(200, "", " <!DOCTYPE html>", verdictConfig)                           // … that hides it
	f(260, plain, "ingestion blocked for user 'a' until …", verdictConfig)  // looks like success, stores nothing
	f(301, "Location: https://logs.example.com/", "", verdictConfig)
	f(302, "", "", verdictConfig)
	f(307, "", "", verdictConfig)
	f(308, "", "", verdictConfig)

	f(400, plain, "max entry size '262144' bytes exceeded for stream …", verdictRefused)
	f(400, plain, "anything", verdictRefused)
	f(400, "", "", verdictRefused)
	f(400, "Content-Type: text/html", "<html><title>400 The plain HTTP request was sent to HTTPS port", verdictConfig)
	f(400, plain, "unsupported path requested: \"/loki/api/v1/push\"\n", verdictConfig)
	f(400, plain, "cannot read Loki protobuf data: too big data size exceeding -loki.maxRequestSize=67108864 bytes\n", verdictTooLarge)
	f(400, "", "Client sent an HTTP request to an HTTPS server.\n", verdictConfig)
	f(400, plain, "decompressed message size too large than max (5 vs 4)", verdictTooLarge)
	f(409, "", "", verdictRefused)
	f(410, "", "", verdictRefused)
	f(415, "", "", verdictRefused)
	f(418, "", "", verdictRefused)
	f(422, plain, "error at least one valid stream is required for ingestion", verdictRefused)
	f(499, "", "", verdictRefused)

	f(401, plain, "no org id", verdictConfig)
	f(402, "", "", verdictConfig)
	f(403, "Content-Type: text/html", "<html>403 Forbidden", verdictConfig)
	f(404, plain, "404 page not found", verdictConfig)
	f(405, "", "", verdictConfig)
	f(407, "", "", verdictConfig)
	f(431, "", "", verdictConfig)

	f(408, "", "", verdictRetry)
	f(425, "", "", verdictRetry)
	f(429, plain, "ingestion rate limit exceeded", verdictRetry)
	f(429, "Content-Type: text/html", "<html>429 Too Many Requests", verdictRetry) // nginx limit_req
	f(413, plain, "request body too large", verdictTooLarge)
	f(413, "Content-Type: text/html", "<html>413 Request Entity Too Large", verdictTooLarge) // nginx client_max_body_size

	f(500, plain, "rpc error: code = Unavailable desc = transport is closing", verdictRetry)
	f(500, plain, "", verdictRetry)
	f(501, "", "", verdictRetry)
	f(502, "Content-Type: text/html", "<html>502 Bad Gateway", verdictRetry)
	f(503, "", "", verdictRetry)
	f(504, "", "", verdictRetry)
	f(599, "", "", verdictRetry)
	f(500, plain, "rpc error: code = ResourceExhausted desc = grpc: received message larger than max (5244204 vs. 4194304)", verdictTooLarge)
	f(500, plain, "rpc error: code = ResourceExhausted desc = trying to send message larger than max (5001055 vs. 4194304)", verdictTooLarge)
	f(500, plain, "rpc error: code = ResourceExhausted desc = too many requests", verdictRetry)
	f(500, plain, "empty ring", verdictRetry)
	f(500, plain, "label name is empty", verdictRefused)
	f(500, plain, `normalization for label name "---" resulted in invalid name "_"`, verdictRefused)
	f(500, plain, "rpc error: code = Unknown desc = failed to create stream: no schema config found for time 1577836799", verdictRefused)
}

func TestClassifyError(t *testing.T) {
	wrap := func(err error) error {
		return &url.Error{Op: "Post", URL: "http://127.0.0.1:3100", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	f := func(err error, want verdict, kind string) {
		t.Helper()
		d := classify(0, nil, nil, err, now)
		if d.verdict != want || d.kind != kind || (d.cure != "") != (want == verdictConfig) {
			t.Errorf("%v: verdict %d, kind %q, cure %q; want %d, %q", err, d.verdict, d.kind, d.cure, want, kind)
		}
	}
	f(wrap(os.NewSyscallError("connect", syscall.ECONNREFUSED)), verdictRetry, "refused")
	f(wrap(os.NewSyscallError("read", syscall.ECONNRESET)), verdictRetry, "reset")
	f(wrap(syscall.EPIPE), verdictRetry, "reset")
	f(wrap(io.EOF), verdictRetry, "reset")
	f(io.ErrUnexpectedEOF, verdictRetry, "reset")
	f(wrap(context.DeadlineExceeded), verdictRetry, "timeout")
	f(wrap(os.ErrDeadlineExceeded), verdictRetry, "timeout")
	f(context.Canceled, verdictRetry, "cancelled")
	f(wrap(&net.DNSError{Err: "no such host", Name: "loki.example.com", IsNotFound: true}), verdictRetry, "dns")
	f(wrap(&net.DNSError{IsTimeout: true}), verdictRetry, "dns")
	f(wrap(errors.New("something new")), verdictRetry, "network")
	f(wrap(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), verdictConfig, "certificate")
	f(wrap(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), verdictConfig, "scheme")
	f(wrap(http.ErrSchemeMismatch), verdictConfig, "scheme")
	f(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, verdictConfig, "tls alert")
}

func TestNoOrgID(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		if got := classify(401, http.Header{}, []byte(body), nil, now).cure; !strings.Contains(got, want) {
			t.Errorf("401 %q: cure %q, want one with %q", body, got, want)
		}
	}
	f("no org id\n", "set tenant_id")
	f("Unauthorized", "check http_user")
}

func TestRetryAfter(t *testing.T) {
	f := func(status int, value string, want time.Duration) {
		t.Helper()
		h := http.Header{}
		h.Set("Retry-After", value)
		if got := classify(status, h, nil, nil, now).after; got != want {
			t.Errorf("%d, Retry-After %q: %v, want %v", status, value, got, want)
		}
	}
	f(429, "1", time.Second)
	f(503, "120", 2*time.Minute)
	f(429, " 7 ", 7*time.Second)
	f(429, "0", 0)
	f(429, "", 0)
	f(429, "300", 5*time.Minute)
	f(429, "301", 5*time.Minute) // capped
	f(429, "99999999999999999999", 5*time.Minute)
	f(429, "-1", 0)
	f(429, "1.5", 0)
	f(429, "soon", 0)
	f(429, now.Add(90*time.Second).Format(http.TimeFormat), 90*time.Second)
	f(503, now.Add(-time.Hour).Format(http.TimeFormat), 0)
	f(503, now.Add(time.Hour).Format(http.TimeFormat), 5*time.Minute)
	f(503, now.Add(time.Minute).Format(time.ANSIC), time.Minute)
	f(413, "10", 0) // nothing to wait for
	f(204, "10", 0)
}

func TestPushErrorText(t *testing.T) {
	f := func(e PushError, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
	const u = "http://127.0.0.1:3100/loki/api/v1/push"
	f(PushError{URL: u, Status: 503}, "cannot push to "+u+": status 503")
	f(PushError{URL: u, Status: 401, Body: "no org id", Cure: "set tenant_id"}, "cannot push to "+u+": status 401: no org id (set tenant_id)")
	f(PushError{URL: u, Err: syscall.ECONNREFUSED}, "cannot push to "+u+": connection refused")
	if err := error(&PushError{Err: fmt.Errorf("dial: %w", syscall.ECONNREFUSED)}); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error("the network's error is not unwrapped")
	}
}
