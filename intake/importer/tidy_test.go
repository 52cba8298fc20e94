package importer

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/loki/lokitest"
)

// TestTidy: when an archive is gone, its entries are deleted from Loki, and what
// was kept of it; while it is there, nothing is. A Loki that says no is asked
// again.
func TestTidy(t *testing.T) {
	l := lokitest.New(lokitest.Options{})
	defer l.Close()
	var asked atomic.Pointer[http.Request]
	var answer atomic.Int32
	answer.Store(http.StatusInternalServerError)
	address := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.HasSuffix(req.URL.Path, "/delete") {
			asked.Store(req)
			w.WriteHeader(int(answer.Load()))
			return
		}
		forward(t, strings.TrimSuffix(l.URL, "/loki/api/v1/push"), w, req)
	}))
	r := newRig(t, func(o *Options) {
		toLoki(t, strings.Replace(address, "http://", "http://support:secret@", 1))(o)
		o.Delete, o.Tenant = true, "cases"
	})
	at := time.Now().UTC().Add(-time.Hour)
	a := r.upload("SUP-1488", "mailbox.log", []byte(strings.Replace(line, "2026-08-02 16:49:04,123", at.Format("2006-01-02 15:04:05,000"), 1)))
	if m := r.run(a); m.State != model.ImportDone || !m.Shipped {
		t.Fatalf("import %+v", m)
	}
	must(t, r.Tidy(t.Context()))
	if asked.Load() != nil {
		t.Error("entries of an archive that is there were deleted")
	}
	_, err := r.db.DeleteArchive(t.Context(), a.ID)
	must(t, err)
	if err := r.Tidy(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("Loki said no, and that is %v", err)
	}
	if _, err := os.Stat(r.place(a.Blob)); err != nil {
		t.Errorf("what has to be tried again is forgotten: %v", err)
	}
	answer.Store(http.StatusNoContent)
	must(t, r.Tidy(t.Context()))
	req := asked.Load()
	user, password, _ := req.BasicAuth()
	q := req.URL.Query()
	if req.Method != http.MethodPost || req.URL.Path != "/loki/api/v1/delete" || user != "support" || password != "secret" || req.Header.Get("X-Scope-OrgID") != "cases" {
		t.Errorf("%s %s by %s:%s, tenant %q", req.Method, req.URL, user, password, req.Header.Get("X-Scope-OrgID"))
	}
	if got, want := q.Get("query"), `{platform="zimbra", ticket="SUP-1488", source="upload", archive="1"}`; got != want || q.Get("start") != at.Format(time.RFC3339) || q.Get("end") != at.Add(time.Second).Format(time.RFC3339) {
		t.Errorf("deletes %s, want %s (%v)", got, want, q)
	}
	if _, err := os.Stat(r.place(a.Blob)); !os.IsNotExist(err) {
		t.Errorf("the place is left: %v", err)
	}
}

// TestDelete: a real Loki whose delete API is on has nothing any more of an
// archive that is deleted, and all of the other one of its ticket.
func TestDelete(t *testing.T) {
	limits := lokirun.AsTheyCome()
	limits["deletion_mode"] = "filter-and-delete"
	l := runtest.Real(t, lokirun.Options{Dir: t.TempDir(), Limits: limits, Config: map[string]any{
		"compactor": map[string]any{"retention_enabled": true, "delete_request_store": "filesystem"},
	}})
	start := time.Now().UTC().Truncate(time.Hour)
	old, _ := sample(t, samplelogs.Options{Duration: 50 * time.Hour, MailsPerMinute: 0.01, NoIncidents: true, Parts: []string{"mail", "mailbox"}, Start: start.Add(-20 * 24 * time.Hour)})
	data, want := sample(t, samplelogs.Options{Duration: 10 * time.Minute, MailsPerMinute: 1, Start: start.Add(-20*24*time.Hour + time.Hour)})
	r := newRig(t, toLoki(t, l.URL()))
	r.o.Delete = true
	gone, stays := r.upload("SUP-1488", "old.tar.gz", old), r.upload("SUP-1488", "case.tar.gz", data)
	for _, a := range []model.Archive{gone, stays} {
		if m := r.run(a); m.State != model.ImportDone || !m.Shipped || m.Error != "" {
			t.Fatalf("import %+v", m)
		}
	}
	_, err := r.db.DeleteArchive(t.Context(), gone.ID)
	must(t, err)
	must(t, r.Tidy(t.Context()))
	if _, err := os.Stat(r.place(gone.Blob)); !os.IsNotExist(err) {
		t.Errorf("the place is left: %v", err)
	}
	// Queries leave out what is to be deleted; a Loki that was asked something
	// shortly before takes five minutes to hear of it, so this one was not.
	count := func(a model.Archive) int64 {
		t.Helper()
		n, err := l.Count(t.Context(), labelsOf(a).selector(true), start.Add(-22*24*time.Hour), start)
		must(t, err)
		return n
	}
	if n := count(gone); n != 0 {
		t.Errorf("%d entries of the deleted archive are there", n)
	}
	if n := count(stays); n != want {
		t.Errorf("%d entries of the other archive are there, want %d", n, want)
	}
	res, err := http.Get(l.URL() + "/loki/api/v1/delete")
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	var requests []struct {
		Query  string
		Status string
	}
	if err := json.Unmarshal(body, &requests); err != nil || len(requests) == 0 || requests[0].Query != labelsOf(gone).selector(true) {
		t.Errorf("requests %s, %v", body, err)
	}
}

// TestDeleteOff: a real Loki without the delete API, as it comes, is told of with
// what turns it on.
func TestDeleteOff(t *testing.T) {
	l := runtest.Real(t, lokirun.Options{Dir: t.TempDir()})
	r := newRig(t, toLoki(t, l.URL()))
	err := r.deleteFromLoki(t.Context(), sent{labels{"zimbra", "SUP-1488", 1}, time.Now().Add(-time.Hour), time.Now()})
	if err == nil || !strings.Contains(err.Error(), "404") || !strings.Contains(err.Error(), "retention_enabled") {
		t.Errorf("%v", err)
	}
}
