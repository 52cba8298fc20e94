package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// as is who calls.
type as string

const (
	guest      as = "guest"
	bad        as = "a token that is none"
	unverified as = "a JWT without a second factor"
	verified   as = "a JWT with one"
	supporter  as = "a supporter's JWT with one"
	full       as = "an API token of an administrator"
	reader     as = "an API token that reads tickets"
)

// step is a call and what it has to answer: status, and a pattern of the body.
type step struct {
	as           as
	method, path string
	body         string
	status       int
	want         string
}

// contract is the original's API, call by call: its statuses and its words.
var contract = []step{
	{guest, "GET", "/", "", 200, `"archives":"http://[^"]+/api/v1/archives/"`},

	{guest, "GET", "/archives/", "", 401, `{"detail":"Authentication credentials were not provided."}`},
	{bad, "GET", "/archives/", "", 401, `"code":"token_not_valid"`},
	{unverified, "GET", "/archives/", "", 200, `^\[{"id":1,"file":"http://[^"]+/api/v1/archives/1/download/","ticket":1488228,"time_create":"\d{4}-\d\d-\d\dT[^"]+Z","name":"logs.tar.gz","size":10,"sha256":"abab`},
	{unverified, "GET", "/archives/?ticket=SUP-1488", "", 200, `^\[\]\s*$`},
	{unverified, "GET", "/archives/?id__lte=1&time_create__gte=2020-01-01T00:00:00Z", "", 200, `"id":1`},
	{unverified, "GET", "/archives/?id__gte=2", "", 200, `^\[\]\s*$`},
	{unverified, "GET", "/archives/?id=x", "", 400, `{"id":\["`},
	{unverified, "GET", "/archives/1/", "", 200, `"ticket":1488228`},
	{unverified, "GET", "/archives/99/", "", 404, `{"detail":"Not found."}`},
	{unverified, "GET", "/archives/x/", "", 404, `{"detail":"Not found."}`},
	{guest, "GET", "/archives/1/", "", 401, ``},
	{guest, "GET", "/archives/99/", "", 401, ``},
	{guest, "PUT", "/archives/1/", `{"ticket":1}`, 401, ``},
	{guest, "PATCH", "/archives/1/", `{"ticket":1}`, 401, ``},
	{guest, "DELETE", "/archives/1/", "", 401, ``},
	{guest, "GET", "/archives/1/download/", "", 401, `not provided`},
	{unverified, "GET", "/archives/1/download/", "", 403, `second factor`},
	{reader, "GET", "/archives/1/download/", "", 403, `archives:read`},
	{verified, "GET", "/archives/1/download/", "", 200, `^0123456789$`},
	{full, "GET", "/archives/99/download/", "", 404, ``},
	{unverified, "GET", "/archives/1/report/", "", 403, `second factor`},
	{full, "GET", "/archives/1/report/", "", 200, `^{"Findings":3}\s*$`},
	{unverified, "POST", "/archives/1/import/", "", 403, `second factor`},
	{unverified, "PATCH", "/archives/1/", `{"name":"../../etc/passwd"}`, 200, `"name":"passwd"`},
	{unverified, "PATCH", "/archives/1/", `{"ticket":"SUP-1488"}`, 200, `"ticket":"SUP-1488"`},
	{unverified, "PUT", "/archives/1/", `{"ticket":1488228,"name":"logs.tar.gz"}`, 200, `"ticket":1488228,.*"name":"logs.tar.gz"`},
	{unverified, "PUT", "/archives/1/", `{}`, 400, `{"ticket":\["This field is required."\]}`},
	{unverified, "PATCH", "/archives/1/", `{"ticket":777}`, 400, `{"ticket":\["Invalid pk`},
	{full, "POST", "/archives/1/import/", "", 202, `"state":"queued"`},
	{full, "POST", "/archives/1/import/", "", 409, `detail`},

	{guest, "GET", "/platforms/", "", 401, ``},
	{unverified, "GET", "/platforms/", "", 200, `"name":"visiology","pretty_name":"Visiology"`},
	{unverified, "GET", "/platforms/zimbra/", "", 200, `^{"id":1,"name":"zimbra","pretty_name":"Zimbra OSE"}\s*$`},
	{unverified, "GET", "/platforms/none/", "", 404, `Not found`},
	{unverified, "POST", "/platforms/", `{"name":"planr","pretty_name":"PLAN-R"}`, 403, ``},
	{supporter, "POST", "/platforms/", `{"name":"planr","pretty_name":"PLAN-R"}`, 403, ``},
	{verified, "POST", "/platforms/", `{"name":"planr","pretty_name":"PLAN-R"}`, 201, `"id":3,"name":"planr"`},
	{verified, "POST", "/platforms/", `{"name":"planr","pretty_name":"PLAN-R"}`, 400, `{"name":\["platform with this name already exists."\]}`},
	{verified, "POST", "/platforms/", `{"pretty_name":"x"}`, 400, `{"name":\["This field is required."\]}`},
	{verified, "POST", "/platforms/", `{"name":"a name","pretty_name":"x"}`, 400, `{"name":\["`},
	{verified, "POST", "/platforms/", `{"name":"aaaaaaaaaaaaaaaaaaaaa","pretty_name":"x"}`, 400, `{"name":\["`},
	{verified, "PATCH", "/platforms/planr/", `{"pretty_name":"PLAN-R 2"}`, 200, `"pretty_name":"PLAN-R 2"`},
	{verified, "PUT", "/platforms/planr/", `{"name":"planr2"}`, 400, `pretty_name`},
	{verified, "PUT", "/platforms/planr/", `{"name":"planr2","pretty_name":"P"}`, 200, `"name":"planr2"`},
	{unverified, "DELETE", "/platforms/planr2/", "", 403, ``},
	{verified, "DELETE", "/platforms/planr2/", "", 204, `^$`},

	{guest, "GET", "/tickets/", "", 401, ``},
	{unverified, "GET", "/tickets/", "", 200, `^\[{"id":2,"number":"SUP-1488","resolved":false,"token":null,"attempts":3,"platform":"visiology","time_create":"[^"]+","time_update":"[^"]+","user":"admin","note":"\*late\*"`},
	{reader, "GET", "/tickets/1488228/", "", 200, `"number":1488228`},
	{reader, "POST", "/tickets/", `{"number":5,"platform":"zimbra"}`, 403, `tickets:write`},
	{reader, "GET", "/archives/", "", 403, `archives:read`},
	{unverified, "GET", "/tickets/?number=1488228,7", "", 200, `^\[{"id":1,`},
	{unverified, "GET", "/tickets/?number__contains=sup", "", 200, `^\[{"id":2,`},
	{unverified, "GET", "/tickets/?id__in=2,3", "", 200, `^\[{"id":2,`},
	{unverified, "GET", "/tickets/?id__in=x", "", 400, `id__in`},
	{unverified, "GET", "/tickets/?resolved=true", "", 200, `^\[\]\s*$`},
	{unverified, "GET", "/tickets/?user=admin&platform=zimbra", "", 200, `^\[{"id":1,`},
	{unverified, "GET", "/tickets/?search=late", "", 200, `^\[{"id":2,`},
	{unverified, "GET", "/tickets/?page=1&page_size=1", "", 200, `^{"count":2,"next":"http://[^"]+page=2[^"]*","previous":null,"results":\[{"id":2`},
	{unverified, "GET", "/tickets/?page_size=2000", "", 400, `page_size`},
	{supporter, "POST", "/tickets/", `{"number":"77","platform":"zimbra","attempts":"10","resolved":"false"}`, 201, `"number":77,.*"token":"[A-Za-z0-9_-]{22,}","attempts":10,.*"user":"maria"`},
	{supporter, "POST", "/tickets/", `{"number":77,"platform":"zimbra"}`, 400, `{"number":\["ticket with this number already exists."\]}`},
	{supporter, "POST", "/tickets/", `{"number":78,"platform":"zimbra","attempts":11}`, 400, `{"attempts":\["`},
	{supporter, "POST", "/tickets/", `{"number":78,"platform":"none"}`, 400, `{"platform":\["`},
	{supporter, "POST", "/tickets/", `{"platform":"zimbra"}`, 400, `{"number":\["This field is required."\]}`},
	{supporter, "POST", "/tickets/", `{"number":"<script>","platform":"zimbra"}`, 400, `{"number":\["`},
	{supporter, "POST", "/tickets/", `{"number":`, 400, `{"detail":"JSON parse error - `},
	{supporter, "POST", "/tickets/", `{"number":78,"platform":"zimbra","attempts":"many"}`, 400, `detail`},
	{supporter, "PATCH", "/tickets/77/", `{"resolved":true}`, 200, `"resolved":true,"token":null`},
	{supporter, "PATCH", "/tickets/77/", `{"attempts":0,"resolved":false}`, 200, `"resolved":false,.*"attempts":0`},
	{supporter, "PUT", "/tickets/77/", `{"number":77}`, 400, `{"platform":\["This field is required."\]}`},
	{supporter, "PUT", "/tickets/77/", `{"number":78,"platform":"visiology"}`, 200, `"number":78,.*"platform":"visiology"`},
	{supporter, "PATCH", "/tickets/99/", `{}`, 404, ``},
	{supporter, "POST", "/tickets/78/token/", "", 201, `"token":"[A-Za-z0-9_-]{22,}"`},
	{supporter, "DELETE", "/tickets/78/token/", "", 204, ``},
	{supporter, "GET", "/tickets/78/", "", 200, `"has_token":false`},
	{unverified, "POST", "/tickets/78/ask/", `{"query":"{a=\"b\"}"}`, 403, `second factor`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"{a=\"b\"}"}`, 200, `^{"status":"success","data":{"resultType":"streams","result":\[{"stream":{"ticket":"78"},"values":\[\["1","{a=\\"b\\"}"`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"bad"}`, 400, `{"query":\["parse error`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":""}`, 400, `^{"query":\["This field is required."\]}`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"` + strings.Repeat("ж", 5000) + `"}`, 200, ``},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"` + strings.Repeat("ж", 5001) + `"}`, 400, `^{"query":\["Ensure`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"{}","from":"2026-11-29T10:00:00.000Z","to":"2026-11-29T13:00:00+03:00"}`, 400, `^{"to":\["It has to be after from."\]}`},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"{}","from":"2026-11-29T10:00:00.000Z","to":null}`, 200, ``},
	{supporter, "POST", "/tickets/78/ask/", `{"query":"nothing read"}`, 409, `^{"detail":"no archive of this ticket has been read yet"}`},
	{unverified, "DELETE", "/tickets/78/", "", 403, `second factor`},
	{supporter, "DELETE", "/tickets/78/", "", 204, `^$`},
	{supporter, "GET", "/tickets/78/", "", 404, ``},

	{guest, "GET", "/check/health/", "", 200, `^{"status":"ok","database":"ok","storage":"ok"}\s*$`},
	{guest, "GET", "/check/storage/", "", 401, ``},
	{unverified, "GET", "/check/storage/", "", 200, `^{"total":1000,"used":618,"free":382,"used_percent":62,"status":"mount"}\s*$`},
	{guest, "GET", "/check/token/", "", 303, `{"detail":"to find out the status of the token, place it in the URL"}`},
	{guest, "GET", "/check/token/nonsense", "", 404, `{"detail":"Not found."}`},
	{guest, "GET", "/check/token/8c0f5d8e-0000-4000-8000-000000000000", "", 404, `{"detail":"Not found."}`},

	{guest, "POST", "/auth/token/", `{"username":"maria","password":"wrong"}`, 401, `{"detail":"No active account found with the given credentials"}`},
	{guest, "POST", "/auth/token/", `{"username":"maria"}`, 400, `{"password":\["This field is required."\]}`},
	{guest, "POST", "/auth/token/", `{"username":"maria","password":"correct horse battery"}`, 200, `^{"refresh":"ey[^"]+","access":"ey[^"]+"}\s*$`},
	{guest, "POST", "/auth/token/", `{"username":"maria","password":"correct horse battery","otp":"000000"}`, 401, `one-time`},
	{guest, "POST", "/auth/token/", `{"username":"maria","password":"correct horse battery","otp":"000000"}`, 429, `throttled`},
	{guest, "POST", "/auth/token/refresh/", `{"refresh":"x"}`, 401, `"code":"token_not_valid"`},
	{guest, "POST", "/auth/token/verify/", `{"token":"x"}`, 401, `"code":"token_not_valid"`},
	{guest, "POST", "/auth/token/verify/", `{}`, 400, `{"token":\["This field is required."\]}`},
	{guest, "GET", "/schema/", "", 200, `"openapi":"3.1.0"`},
	{guest, "GET", "/schema/?version=3.0", "", 200, `"openapi":"3.0.3"`},
	{guest, "GET", "/schema/swagger/", "", 200, `<script type="module" src="try.js">`},
}

func TestContract(t *testing.T) {
	s, admin, maria := furnished(t, loose())
	tokens := map[as]string{bad: "eyJ.x.y", unverified: s.jwt(admin, false), verified: s.jwt(admin, true), supporter: s.jwt(maria, true), full: s.token(admin), reader: s.token(admin, model.ScopeTicketsRead)}
	for _, c := range contract {
		r := s.call(tokens[c.as], c.method, "/api/v1"+c.path, c.body)
		if r.StatusCode != c.status || !regexp.MustCompile(pattern(c.want)).MatchString(r.Body) {
			t.Errorf("%s: %s %s %s: %s\n%s\nwant %d and %s", c.as, c.method, c.path, c.body, r.Status, r.Body, c.status, c.want)
		}
		if r.StatusCode == http.StatusUnauthorized && c.as == guest && c.method == "GET" && r.Header.Get("WWW-Authenticate") != `Bearer realm="api"` {
			t.Errorf("%s %s: WWW-Authenticate is %q", c.method, c.path, r.Header.Get("WWW-Authenticate"))
		}
	}
}

// pattern lets a body be written as it is: its braces are no repetitions.
func pattern(s string) string {
	return regexp.MustCompile(`\{([^0-9]|$)`).ReplaceAllString(s, `\{$1`)
}

// TestMethods: what a guest learns by methods that are not there.
func TestMethods(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	token := s.jwt(admin, false)
	for _, path := range []string{"/api/v1/archives/", "/api/v1/archives/1/", "/api/v1/archives/99/", "/api/v1/archives/1/download/", "/api/v1/tickets/", "/api/v1/tickets/1488228/", "/api/v1/tickets/no/", "/api/v1/platforms/zimbra/"} {
		r := s.call("", "HEAD", path, "")
		if r.StatusCode != http.StatusUnauthorized || r.ContentLength > 100 {
			t.Errorf("HEAD %s as a guest: %s, %d bytes", path, r.Status, r.ContentLength)
		}
		r = s.call("", "OPTIONS", path, "")
		if r.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(r.Header.Get("Allow"), "GET") || !strings.Contains(r.Body, "not allowed") {
			t.Errorf("OPTIONS %s as a guest: %s, Allow %q, %s", path, r.Status, r.Header.Get("Allow"), r.Body)
		}
	}
	existing, none := s.call("", "OPTIONS", "/api/v1/archives/1/", ""), s.call("", "OPTIONS", "/api/v1/archives/99/", "")
	if existing.Header.Get("Allow") != none.Header.Get("Allow") || existing.Body != none.Body {
		t.Errorf("OPTIONS tells whether an archive is there: %q %q", existing.Body, none.Body)
	}
	r := s.call(token, "DELETE", "/api/v1/tickets/", "")
	if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("DELETE of the list: %s, Allow %q", r.Status, r.Header.Get("Allow"))
	}
	if r := s.call(token, "GET", "/api/v1/tickets", ""); r.StatusCode != http.StatusTemporaryRedirect || r.Header.Get("Location") != "/api/v1/tickets/" {
		t.Errorf("without the slash: %s %q", r.Status, r.Header.Get("Location"))
	}
}

func TestDownload(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	token := s.token(admin)
	s.archive("SUP-1488", "x.html", "<script>alert(1)</script>")
	r := s.call(token, "GET", "/api/v1/archives/2/download/", "")
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Disposition": "attachment; filename=x.html", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "private, no-store",
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	r = s.call(token, "GET", "/api/v1/archives/1/download/", "", "Range", "bytes=2-5")
	if r.StatusCode != http.StatusPartialContent || r.Body != "2345" || r.Header.Get("Content-Range") != "bytes 2-5/10" {
		t.Errorf("a range: %s %q %q", r.Status, r.Body, r.Header.Get("Content-Range"))
	}
	if r := s.call(token, "HEAD", "/api/v1/archives/1/download/", ""); r.ContentLength != 10 {
		t.Errorf("HEAD: %s, %d bytes", r.Status, r.ContentLength)
	}
}

func TestForms(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	r := s.call(s.token(admin), "POST", "/api/v1/tickets/", "number=900&platform=zimbra&attempts=2&resolved=on", "Content-Type", "application/x-www-form-urlencoded")
	if r.StatusCode != http.StatusCreated || !strings.Contains(r.Body, `"number":900,"resolved":true`) || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s %s", r.Status, r.Header.Get("Content-Type"), r.Body)
	}
}

func TestCheckToken(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	var made struct{ Token string }
	r := s.call(s.token(admin), "POST", "/api/v1/tickets/1488228/token/", "")
	if err := json.Unmarshal([]byte(r.Body), &made); err != nil {
		t.Fatal(err)
	}
	if r := s.call("", "GET", "/api/v1/check/token/"+made.Token, ""); r.StatusCode != 200 || r.Body != `{"token":"`+made.Token+`","attempts":4,"resolved":false}`+"\n" {
		t.Errorf("%s %s", r.Status, r.Body)
	}
}

// TestOthersTickets: where tickets are their owner's alone, somebody else's is
// not there, by whatever method.
func TestOthersTickets(t *testing.T) {
	s, _, maria := furnished(t, loose(), func(r *tickets.Rules) { r.OwnOnly = true })
	token := s.token(maria)
	for _, c := range []struct {
		method, path, body string
	}{
		{"GET", "/tickets/1488228/", ""},
		{"PATCH", "/tickets/1488228/", `{"attempts":9}`},
		{"DELETE", "/tickets/1488228/", ""},
		{"POST", "/tickets/1488228/token/", ""},
		{"POST", "/tickets/1488228/ask/", `{"query":"{a=\"b\"}"}`},
		{"GET", "/archives/1/", ""},
		{"GET", "/archives/1/download/", ""},
		{"GET", "/archives/1/report/", ""},
		{"POST", "/archives/1/import/", ""},
		{"PATCH", "/archives/1/", `{"name":"x"}`},
		{"DELETE", "/archives/1/", ""},
	} {
		if r := s.call(token, c.method, "/api/v1"+c.path, c.body); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s %s of another: %s %s", c.method, c.path, r.Status, r.Body)
		}
	}
	for _, path := range []string{"/tickets/", "/archives/"} {
		if r := s.call(token, "GET", "/api/v1"+path, ""); r.Body != "[]\n" {
			t.Errorf("%s: %s", path, r.Body)
		}
	}
}
