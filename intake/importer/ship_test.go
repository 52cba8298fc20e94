package importer

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
	"github.com/zimbraloki/zimbraloki/report"
)

func toLoki(t *testing.T, address string) func(*Options) {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	return func(o *Options) {
		o.Loki = u
		o.Grafana, err = url.Parse("https://grafana.example.com/")
	}
}

// TestShip: serve, and a real Loki, have as many entries as the writer says,
// under the labels of the ticket; another import of the archive adds nothing, nor
// does the same file once more.
func TestShip(t *testing.T) {
	data, want := sample(t, samplelogs.Options{Duration: 100 * time.Minute, MailsPerMinute: 1, Start: time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Hour)})
	runtest.Each(t, lokirun.Options{Dir: t.TempDir(), Limits: lokirun.AsTheyCome()}, func(t *testing.T, l *lokirun.Server) {
		r := newRig(t, toLoki(t, l.URL()))
		a := r.upload("SUP-1488", "case.tar.gz", data)
		count := func(selector string) int64 {
			t.Helper()
			n, err := l.Count(t.Context(), selector, time.Now().Add(-24*time.Hour), time.Now().Add(time.Hour))
			must(t, err)
			return n
		}
		const all = `{platform="zimbra", ticket="SUP-1488", source="upload"}`
		m := r.run(a)
		if m.State != model.ImportDone || !m.Shipped || m.Entries != want || m.Error != "" || m.Done != m.Total {
			t.Errorf("import %+v, want %d entries, shipped", m, want)
		}
		if n := count(all); n != want {
			t.Errorf("%d entries arrived, want %d", n, want)
		}
		link := r.Explore(t.Context(), "SUP-1488")
		if u, err := url.QueryUnescape(link); err != nil || !strings.HasPrefix(link, "https://grafana.example.com/explore?") || !strings.Contains(u, `ticket=\"SUP-1488\"`) {
			t.Errorf("link %q", link)
		}
		must(t, r.db.EnqueueImport(t.Context(), a.ID, now()))
		if m := r.run(a); !m.Shipped || m.Error != "" || m.Entries != want {
			t.Errorf("another import %+v", m)
		}
		b := r.upload("SUP-1488", "again.tar.gz", data)
		if m := r.run(b); !m.Shipped || !strings.Contains(m.Error, "the same file") {
			t.Errorf("the same file again: %+v", m)
		}
		if n := count(all); n != want {
			t.Errorf("after other imports there are %d entries, want %d", n, want)
		}
	})
}

// TestKilled: what a worker that was killed had is taken up by another when its
// lease has run out, and Loki has each entry once.
func TestKilled(t *testing.T) {
	var mu sync.Mutex
	pushes, stuck := 0, make(chan struct{})
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	// The first worker's Loki takes two pushes and then no more.
	half := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		if strings.HasSuffix(req.URL.Path, "/push") {
			pushes++
		}
		n := pushes
		mu.Unlock()
		if n > 2 {
			if n == 3 {
				close(stuck)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		forward(t, strings.TrimSuffix(l.URL, "/loki/api/v1/push"), w, req)
	})
	proxy := serve(t, half)
	data, want := sample(t, samplelogs.Options{Duration: 100 * time.Minute, MailsPerMinute: 1, Start: time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Hour)})
	r := newRig(t, toLoki(t, proxy))
	r.o.Lease = 2 * time.Second
	a := r.upload("SUP-1488", "case.tar.gz", data)
	claimed, ok, err := r.db.ClaimImport(t.Context(), "killed", r.o.Lease, now())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	ctx, kill := context.WithCancel(t.Context())
	h, held := r.hold(ctx, model.Import{ArchiveID: claimed.ID, Owner: "killed", Total: claimed.Size})
	var ended sync.WaitGroup
	early := make(chan done, 1)
	ended.Go(func() { early <- r.guarded(held, claimed, h) })
	select {
	case <-stuck:
	case d := <-early:
		t.Fatalf("it ended after %d pushes: %+v %v", pushes, h.now(), d.err)
	}
	kill() // nothing is put back: the row stays as the killed worker left it
	ended.Wait()
	h.release()
	if n := len(l.Entries()); n == 0 || int64(n) >= want {
		t.Fatalf("%d of %d entries arrived before", n, want)
	}
	got, err := r.db.Archive(t.Context(), a.ID)
	must(t, err)
	if got.Import.State != model.ImportRunning || got.Import.Owner != "killed" || got.Import.Entries != want {
		t.Fatalf("left behind: %+v", got.Import)
	}
	if _, js, err := r.db.Report(t.Context(), a.ID); err != nil || len(js) == 0 {
		t.Errorf("the report is not there before all is shipped: %v", err)
	}
	other, err := New(func() Options { o := r.o; toLoki(t, l.URL)(&o); o.Server = "other"; return o }())
	must(t, err)
	r.Importer = other
	m := r.run(a)
	if m.State != model.ImportDone || !m.Shipped || m.Tries != 2 || m.Entries != want {
		t.Errorf("import %+v", m)
	}
	seen := map[string]int{}
	for _, e := range l.Entries() {
		seen[e.Line]++
	}
	if n := len(l.Entries()); int64(n) != want {
		t.Errorf("%d entries arrived, want %d", n, want)
	}
}

// TestStopped: an importer that ends puts its archive back, at no cost.
func TestStopped(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	reached := make(chan struct{})
	var once sync.Once
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/push") {
			once.Do(func() { close(reached) })
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	data, _ := sample(t, samplelogs.Options{Duration: 10 * time.Minute, MailsPerMinute: 1})
	r := newRig(t, toLoki(t, address))
	a := r.upload("SUP-1488", "case.tar.gz", data)
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { r.Run(ctx) })
	<-reached
	stop()
	ended.Wait()
	got, err := r.db.Archive(t.Context(), a.ID)
	must(t, err)
	if m := got.Import; m.State != model.ImportQueued || m.Owner != "" || m.Tries != 0 {
		t.Errorf("import %+v", m)
	}
}

// TestLokiAway: a Loki that takes nothing costs the report nothing, and is said.
func TestLokiAway(t *testing.T) {
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	data, want := sample(t, samplelogs.Options{Duration: 10 * time.Minute, MailsPerMinute: 1})
	r := newRig(t, toLoki(t, address))
	r.o.Patience = time.Millisecond
	m := r.run(r.upload("SUP-1488", "case.tar.gz", data))
	if m.State != model.ImportDone || m.Shipped || m.Entries != want || !strings.Contains(m.Error, "it takes nothing for") || !strings.Contains(m.Error, "503") {
		t.Errorf("import %+v", m)
	}
}

// TestLokiHangs: while a Loki neither takes nor refuses, the report is on the
// ticket and questions are answered; that it hangs ends the import, not the
// report.
func TestLokiHangs(t *testing.T) {
	var once sync.Once
	hangs := make(chan struct{})
	address := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body) // only then is it told that the client has gone
		once.Do(func() { close(hangs) })
		<-req.Context().Done()
	}))
	data, want := sample(t, samplelogs.Options{Duration: 10 * time.Minute, MailsPerMinute: 1})
	r := newRig(t, toLoki(t, address))
	r.o.Patience = time.Millisecond // requests end after a second
	a := r.upload("SUP-1488", "case.tar.gz", data)
	ctx, stop := context.WithCancel(t.Context())
	var ended sync.WaitGroup
	ended.Go(func() { r.Run(ctx) })
	defer ended.Wait()
	defer stop()
	<-hangs
	got, err := r.db.Archive(t.Context(), a.ID)
	must(t, err)
	if m := got.Import; m.State != model.ImportRunning || !m.Reported || m.Entries != want || m.From.IsZero() || m.Shipped {
		t.Errorf("import %+v, want one that runs and is reported", m)
	}
	_, js, err := r.db.Report(t.Context(), a.ID)
	must(t, err)
	var rep report.Report
	must(t, json.Unmarshal(js, &rep))
	if rep.Entries != want {
		t.Errorf("report of %d entries, want %d", rep.Entries, want)
	}
	res, err := r.Ask(t.Context(), Question{Person: "ivan", Ticket: "SUP-1488", Query: `sum(count_over_time({ticket="SUP-1488"}[$__range]))`})
	must(t, err)
	if len(res.Series) != 1 || int64(res.Series[0].Points[0].Value) != want {
		t.Errorf("a count of all: %+v, want %d", res, want)
	}
	m := r.wait(a, func(m model.Import) bool { return !m.Ended.IsZero() })
	if m.State != model.ImportDone || !m.Reported || m.Shipped || !strings.Contains(m.Error, "it takes nothing for") {
		t.Errorf("import %+v", m)
	}
}

// TestRefused: what Loki does not take is counted and said.
func TestRefused(t *testing.T) {
	l := runtest.Real(t, lokirun.Options{Dir: t.TempDir(), Limits: map[string]any{"reject_old_samples": true}})
	data, want := sample(t, samplelogs.Options{Duration: 10 * time.Minute, MailsPerMinute: 1, Start: time.Now().UTC().Add(-30 * 24 * time.Hour)})
	r := newRig(t, toLoki(t, l.URL()))
	a := r.upload("SUP-1488", "case.tar.gz", data)
	m := r.run(a)
	if m.State != model.ImportDone || !m.Shipped || m.Entries != want || !strings.HasPrefix(m.Error, "Loki refused ") {
		t.Errorf("import %+v", m)
	}
	if st, err := os.Stat(r.place(a.Blob) + "/" + refused); err != nil || st.Size() == 0 {
		t.Errorf("the refused entries are not kept: %v", err)
	}
}
