package upload

import (
	"net/http"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/uploader"
)

// TestScript: the letter to a customer says where uploader.sh is.
func TestScript(t *testing.T) {
	f := start(t)
	got := f.do(http.MethodGet, "/uploader.sh", nil)
	if got.status != http.StatusOK || got.body != strings.TrimSpace(string(uploader.Script)) || got.header.Get("Content-Type") != "application/x-sh" {
		t.Errorf("GET /uploader.sh: %d %s, %d bytes; want the script", got.status, got.header.Get("Content-Type"), len(got.body))
	}
}
