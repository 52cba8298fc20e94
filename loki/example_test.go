package loki_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/loki"
)

// Push returns when Loki has every entry, or has refused it for good.
func ExampleClient_Push() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.URL.Path, r.Header.Get("X-Scope-OrgID"))
		fmt.Println(string(body))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()

	client, err := loki.NewClient(loki.Options{URL: server.URL, TenantID: "mail", Compress: "none"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	// One *Labels stands for one stream; package transform makes them.
	stream := &entry.Labels{
		Pairs: []entry.Pair{{Name: "job", Value: "zimbra"}, {Name: "log", Value: "audit"}},
		Text:  `{job="zimbra", log="audit"}`,
	}
	var b loki.Batch
	b.Add(&entry.Entry{
		Time: time.Date(2026, 8, 2, 14, 49, 4, 0, time.UTC).UnixNano(), Labels: stream,
		Line: "authentication failed", Meta: []entry.Pair{{Name: "user", Value: "ann@example.com"}},
	})
	res := client.Push(context.Background(), &b)
	fmt.Println("again:", res.Retry, "accepted:", res.Accepted, "error:", res.Err)
	// Output:
	// /loki/api/v1/push mail
	// {"streams":[{"stream":{"job":"zimbra","log":"audit"},"values":[["1785682144000000000","authentication failed",{"user":"ann@example.com"}]]}]}
	// again: false accepted: 1 error: <nil>
}

// A batch that could not be delivered is pushed again as it is: Loki stores
// equal entries once.
func ExampleClient_Push_again() {
	var down atomic.Bool
	down.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	client, err := loki.NewClient(loki.Options{URL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	stream := &entry.Labels{Pairs: []entry.Pair{{Name: "job", Value: "zimbra"}}, Text: `{job="zimbra"}`}
	var b loki.Batch
	b.Add(&entry.Entry{Time: time.Now().UnixNano(), Labels: stream, Line: "hello"})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	fmt.Println("again:", client.Push(ctx, &b).Retry)
	down.Store(false)
	fmt.Println("again:", client.Push(context.Background(), &b).Retry)
	// Output:
	// again: true
	// again: false
}
