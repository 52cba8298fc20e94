package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/serve/server"
	"github.com/zimbraloki/zimbraloki/serve/store"
)

// start runs a server and returns its address and what Run returns.
func start(ctx context.Context, t *testing.T, fill func(context.Context, *store.Store) error) (url string, ended <-chan error) {
	t.Helper()
	r, w := io.Pipe()
	done := make(chan error, 1)
	o := server.Options{Listen: "127.0.0.1:0", Out: w, Log: slog.New(slog.DiscardHandler), Store: store.Options{Dir: t.TempDir()}, Fill: fill}
	go func() { done <- server.Run(ctx, o) }()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, url, _ = strings.Cut(strings.TrimSpace(line), " answers on ")
	return url, done
}

func ready(t *testing.T, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/ready", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// TestReady: a server that is being filled answers, but is not ready; a stop ends it without an error.
func TestReady(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	filled := make(chan struct{})
	url, ended := start(ctx, t, func(context.Context, *store.Store) error { <-filled; return nil })
	if code := ready(t, url); code != http.StatusServiceUnavailable {
		t.Errorf("while it is filled: %d", code)
	}
	close(filled)
	for t.Context().Err() == nil && ready(t, url) != http.StatusOK {
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestFillFails: what cannot be read ends the server, and a stop while it is read is no fault.
func TestFillFails(t *testing.T) {
	broken := errors.New("broken")
	f := func(fill error, stopped bool, want error) {
		t.Helper()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_, ended := start(ctx, t, func(context.Context, *store.Store) error {
			if stopped {
				stop()
			}
			return fill
		})
		if err := <-ended; !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	f(broken, false, broken)
	f(broken, true, nil)
}
