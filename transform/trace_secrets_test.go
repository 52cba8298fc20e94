package transform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
)

// TestTraceSecrets: no secret of a request, wherever in it, is left in the line
// or in the metadata.
func TestTraceSecrets(t *testing.T) {
	r := benchRun(t, Options{Location: time.UTC})
	const secret = "5ecret"
	cookies := []string{
		"ZM_AUTH_TOKEN=%s", "ZM_ADMIN_AUTH_TOKEN=%s; x=1", "a=b;JSESSIONID=%s", `ZM_AUTH_TOKEN="%s"`, `a="x;y%s"; b=c`, "a=b=%s==", "null;ZM_TRUST_TOKEN=%s",
		"flag; JSESSIONID=%s", "a=\"%s", "a=x y %s", "=;ZM_AUTH_TOKEN=%s",
	}
	urls := []string{"https://h/home/~/?zauthtoken=%s", "//h/x;jsessionid=%s", "https://h/service/preauth?account=a&preauth=%s", "https://h/?a=1&authToken=%s&b=2", "https://h/?password=%s"}
	f := func(line string) {
		t.Helper()
		d := draftOf(r, lineEvent{head: envelope.Payload{Text: line}})
		if !r.try(&web.JettyTrace, d) {
			t.Fatalf("no line of trace_log: %s", line)
		}
		if r.redact(d) {
			r.try(&web.JettyTrace, d)
		}
		if all := d.Head.Text + metaText(d.AppendMeta(nil)); strings.Contains(all, secret) {
			t.Errorf("%s\n gives %s", line, all)
		}
	}
	for _, c := range cookies {
		for _, agent := range []string{"Mozilla/5.0 (X11; Linux)", "null", "", "a=b", `"`} {
			f("10:00:00.000:qtp1-2:https://h/ REQUEST 192.0.2.1 GET " + fmt.Sprintf(c, secret) + "; " + agent)
		}
	}
	for _, u := range urls {
		for _, event := range []string{"REQUEST 192.0.2.1 GET null; x", "RESPONSE 200 text/html", "SUSPEND"} {
			f("10:00:00.000:qtp1-2:" + fmt.Sprintf(u, secret) + " " + event)
		}
	}
}
