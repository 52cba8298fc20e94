package transform

import (
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/internal/testtime"
	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/json"
	"github.com/zimbraloki/zimbraloki/transform/format/plain"
	"github.com/zimbraloki/zimbraloki/transform/format/web"
	"github.com/zimbraloki/zimbraloki/transform/format/zimbra"
)

const (
	benchAccess = `192.0.2.5 - petrova@example.org [02/Aug/2026:16:49:04 +0000] "POST /service/soap/SearchRequest HTTP/1.1" 200 1834 "https://mail.example.org/" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0" 42`
	benchNginx  = `198.51.100.20:51234 - - [02/Aug/2026:16:49:04 +0300]  "POST https://mail.example.com/service/soap/AuthRequest HTTP/2.0" 200 1042 "https://mail.example.com/" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0" "10.0.0.5:8443" "10.0.0.4:443"`
	benchError  = `2026/08/02 16:49:04 [info] 4242#0: *77 client login failed: "LOGIN failed" while in http auth state, client: 198.51.100.7, server: 0.0.0.0:993, login: "ivanov@example.com"`
	benchTrace  = `16:29:25.710:qtp1381713434-222:https://mail.example.com/service/soap/AuthRequest REQUEST 192.0.2.5 POST ZM_AUTH_TOKEN=0_1a2b3c; JSESSIONID=node0xyz; Mozilla/5.0 (X11; Linux x86_64)`
	benchStdErr = `2026-08-02 16:19:26.942:INFO:oejs.DoSFilter:qtp1874154700-1750041:: Ignoring malformed remote address 198.51.100.2, 192.0.2.1`
	benchPlain  = `2026-08-02 16:49:04,123 [worker-1] ERROR com.example.App - cannot open the file`
	benchVis    = `OperationName:SaveDashboard with AccessType:Write on ObjectType:Dashboard with ObjectId:0123456789abcdef0123456789abcdef with WorkspaceId:11112222-3333-4444-8555-666677778888 completed by User:petrov with OperationStatus:Success`
)

var benchLines = []struct {
	name, line string
	parse      func(*Run, *format.Draft) bool
}{
	{"access", benchAccess, parserOf(&web.AccessLog)},
	{"nginx", benchNginx, parserOf(&web.NginxAccess)},
	{"nginxError", benchError, parserOf(&web.NginxError)},
	{"trace", benchTrace, parserOf(&web.JettyTrace)},
	{"stderr", benchStdErr, parserOf(&zimbra.MailboxdOut)},
	{"plain", benchPlain, parserOf(&plain.Text)},
	{"visiology", benchVis, parserOf(&json.Visiology)},
}

func parseBench(r *Run, line string, parse func(*Run, *format.Draft) bool) bool {
	r.Arena.Reset()
	d := &r.d
	d.Reset()
	*r.in = envelope.Payload{Text: line, Arrival: 1785690000e9}
	d.Head = r.in
	return parse(r, d)
}

// TestLineFormatsAllocs: no parser allocates on its usual line, and all of them
// cost nothing on the way there.
func TestLineFormatsAllocs(t *testing.T) {
	r := benchRun(t, Options{Location: testtime.Location(t, "Europe/Moscow")})
	for _, b := range benchLines {
		f := func(name string, parse func(*Run, *format.Draft) bool) {
			if !parseBench(r, b.line, parse) {
				t.Errorf("%s: not parsed", name)
			}
			if n := testing.AllocsPerRun(100, func() { parseBench(r, b.line, parse) }); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
		f(b.name, b.parse)
		f(b.name+", all", (*Run).parseLine)
	}
}

func BenchmarkLineFormats(b *testing.B) {
	r := benchRun(b, Options{Location: time.UTC})
	for _, c := range benchLines {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				parseBench(r, c.line, c.parse)
			}
		})
		b.Run(c.name+"/all", func(b *testing.B) {
			for b.Loop() {
				parseBench(r, c.line, (*Run).parseLine)
			}
		})
	}
}
