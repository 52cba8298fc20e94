package pages

import (
	"net/http"
	"testing"

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

// allPages are those of somebody who may do all, over furnished.
var allPages = []string{
	"/tickets/", "/tickets/?search=SUP", "/tickets/?state=critical", "/tickets/show/zimbra/", "/tickets/show/zimbra/1488228/", "/tickets/create/",
	"/tickets/update/zimbra/1488228/", "/tickets/delete/1488228/", "/tickets/ask/1488228/", "/tickets/ask/1488228/?q=%7Bplatform%3D%22zimbra%22%7D", "/tickets/ask/1488228/?q=sum(x)",
	"/archives/delete/1/", "/archives/upload/", "/platforms/", "/platforms/zimbra/", "/platforms/zimbra/delete/", "/users/", "/users/create/", "/users/2/", "/users/2/delete/",
	"/audit/", "/audit/?outcome=success&action=CreateTicket", "/account/show/", "/account/tokens/", "/account/two_factor/disable/",
}
