// Package cli_test holds what the commands have in common.
package cli_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/replay"
	"github.com/zimbraloki/zimbraloki/cli/ship"
	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/deadletter"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/logs"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// watcher ends a run once it says that it waits.
type watcher struct {
	stop  func()
	waits atomic.Bool
}

func (w *watcher) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "waiting") {
		w.waits.Store(true)
		w.stop()
	}
	return len(p), nil
}

// senders are the commands that push, each on something to push.
var senders = map[string]func(ctx context.Context, dir string, cfg *config.Config, stderr io.Writer) error{
	"ship": func(ctx context.Context, dir string, cfg *config.Config, stderr io.Writer) error {
		path := filepath.Join(dir, "mailbox.log")
		line := time.Now().UTC().Add(-time.Minute).Format("2006-01-02 15:04:05,000") + " INFO  [main] [] misc - x\n"
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			return err
		}
		_, err := ship.Run(ctx, ship.Options{
			Options: logs.Options{Paths: []string{path}, Config: cfg, Stderr: stderr, Log: slog.New(slog.DiscardHandler)},
			State:   filepath.Join(dir, "state.json"), Stdout: io.Discard,
		})
		return err
	},
	"replay": func(ctx context.Context, dir string, cfg *config.Config, stderr io.Writer) error {
		path := filepath.Join(dir, "dead.jsonl")
		w, err := deadletter.Open(deadletter.Options{Path: path})
		if err != nil {
			return err
		}
		defer w.Close()
		if err := w.Append(deadletter.Record{Kind: deadletter.KindEntry, Time: time.Now().UnixNano(), Labels: []entry.Pair{{Name: "job", Value: "x"}}, Line: "x"}); err != nil {
			return err
		}
		_, err = replay.Run(ctx, replay.Options{Paths: []string{path}, Config: cfg, Stdout: io.Discard, Stderr: stderr, Log: slog.New(slog.DiscardHandler)})
		return err
	},
}

// TestRetry: what only a person can mend ends a command at once, with the cure;
// while Loki is away it waits, and says so.
func TestRetry(t *testing.T) {
	f := func(name, cure string, url string, properties ...string) {
		t.Helper()
		for command, send := range senders {
			t.Run(name+"/"+command, func(t *testing.T) {
				t.Parallel()
				cfg, err := config.ParseValues(func(key string) string {
					for i := 0; i < len(properties); i += 2 {
						if properties[i] == key {
							return properties[i+1]
						}
					}
					return map[string]string{"url": url, "timezone": "UTC", "dead_letter_path": "off", "flush_timeout": "1s"}[key]
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				w := &watcher{stop: cancel}
				err = send(ctx, t.TempDir(), cfg, w)
				if waits := cure == ""; w.waits.Load() != waits || (err != nil) == waits {
					t.Fatalf("waits %v, error %v", w.waits.Load(), err)
				}
				if cure != "" && (!strings.Contains(err.Error(), "nothing more is sent: ") || !strings.Contains(err.Error(), cure)) {
					t.Errorf("error %v, want %q", err, cure)
				}
			})
		}
	}
	serve := func(o lokitest.Options) string {
		l := lokitest.New(o)
		t.Cleanup(l.Close)
		return l.URL
	}
	answers := func(status int, body string) string {
		s := lokitest.New(lokitest.Options{})
		t.Cleanup(s.Close)
		s.Random(1, 1, lokitest.Fault{Status: status, Body: body, ContentType: http.DetectContentType([]byte(body))})
		return s.URL
	}
	ca := lokitest.NewAuthority(t)
	secure := func() string {
		return serve(lokitest.Options{TLS: &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "loki.example.com", net.IPv4(127, 0, 0, 1))}}})
	}
	f("unknown authority", "check tls_ca_file", secure())
	f("another name", "tls_server_name", secure(), "tls_ca_file", ca.File, "tls_server_name", "other.example.com")
	f("http to https", "check http:// or https://", strings.Replace(secure(), "https:", "http:", 1))
	f("https to http", "check http:// or https://", strings.Replace(serve(lokitest.Options{}), "http:", "https:", 1))
	f("web page", "this is a web page and not Loki", answers(http.StatusOK, "<!doctype html><title>Welcome"))
	for status, cure := range map[int]string{
		301: "put the address it names into url", 307: "put the address it names into url",
		401: "check http_user", 402: "check the account", 403: "may not push", 404: "check url", 405: "check url",
		407: "the HTTP proxy wants a user", 411: "Content-Length", 421: "tls_server_name", 431: "too long",
	} {
		f(fmt.Sprint(status), cure, answers(status, "no"))
	}
	f("blocked", "block_ingestion_until", answers(260, "no"))
	for _, status := range []int{408, 429, 500, 502, 503} {
		f(fmt.Sprint(status), "", answers(status, "not now"))
	}
	gone := lokitest.New(lokitest.Options{})
	gone.Close()
	f("refused connection", "", gone.URL)
	broken := lokitest.New(lokitest.Options{})
	t.Cleanup(broken.Close)
	broken.Random(1, 1, lokitest.Fault{Break: lokitest.BreakReset})
	f("reset", "", broken.URL)
}
