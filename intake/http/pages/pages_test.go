package pages

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
)

func TestPagesOpen(t *testing.T) {
	s, admin := furnished(t)
	s.archive(admin, "1488228", "zimbra-logs.tar.gz", "the bytes", model.ImportDone)
	b := s.browser()
	b.signIn("admin")
	for _, path := range allPages {
		if p := b.get(path); p.StatusCode != http.StatusOK {
			t.Errorf("%s: %s\n%s", path, p.Status, p.Body)
		}
	}
}

// TestReportEarly: a report is on the ticket while its archive is still being
// shipped, and so is the question; the page's script learns of it.
func TestReportEarly(t *testing.T) {
	s, admin := furnished(t)
	s.archive(admin, "1488228", "zimbra-logs.tar.gz", "the bytes", model.ImportRunning)
	b := s.browser()
	b.signIn("admin")
	f := func(reported bool) {
		t.Helper()
		page, told := b.get("/tickets/show/zimbra/1488228/").Body, b.get("/archives/progress/1/").Body
		for _, part := range []string{`<iframe class="report"`, `class="button primary" href="/archives/report/1/"`, `data-report="1"`, `id="ask"`} {
			if strings.Contains(page, part) != reported {
				t.Errorf("the ticket has %s: %v, want %v", part, !reported, reported)
			}
		}
		if !strings.Contains(page, `data-live="/archives/progress/1/"`) || !strings.Contains(told, fmt.Sprintf(`"over":false,"report":%v`, reported)) {
			t.Errorf("reported %v: the progress is %s", reported, told)
		}
	}
	f(false)
	a, err := s.db.Archive(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	a.Import.Entries, a.Import.From, a.Import.To = 9, s.now().Add(-time.Hour), s.now()
	if err := s.db.KeepReport(t.Context(), a.Import, []byte("<h1>Report</h1>"), []byte("{}"), s.now()); err != nil {
		t.Fatal(err)
	}
	f(true)
}

// allPages are those of somebody who may do all, over furnished.
var allPages = []string{
	"/tickets/", "/tickets/?search=SUP", "/tickets/?state=critical", "/tickets/show/zimbra/", "/tickets/show/zimbra/1488228/", "/tickets/create/",
	"/tickets/update/zimbra/1488228/", "/tickets/delete/1488228/", "/tickets/ask/1488228/", "/tickets/ask/1488228/?q=%7Bplatform%3D%22zimbra%22%7D", "/tickets/ask/1488228/?q=sum(x)",
	"/archives/delete/1/", "/archives/upload/", "/platforms/", "/platforms/zimbra/", "/platforms/zimbra/delete/", "/users/", "/users/create/", "/users/2/", "/users/2/delete/",
	"/audit/", "/audit/?outcome=success&action=CreateTicket", "/account/show/", "/account/tokens/", "/account/two_factor/disable/",
}
