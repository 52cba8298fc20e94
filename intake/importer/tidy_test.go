package importer

import (
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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
	at := time.Now().UTC().Add(-time.Hour).Format("2006-01-02 15:04:05,000")
	a := r.upload("SUP-1488", "mailbox.log", []byte(strings.Replace(line, "2026-08-02 16:49:04,123", at, 1)))
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
	if got, want := q.Get("query"), `{platform="zimbra", ticket="SUP-1488", source="upload", archive="1"}`; got != want || q.Get("start") == "" || q.Get("end") == "" {
		t.Errorf("deletes %s, want %s (%v)", got, want, q)
	}
	if _, err := os.Stat(r.place(a.Blob)); !os.IsNotExist(err) {
		t.Errorf("the place is left: %v", err)
	}
}
