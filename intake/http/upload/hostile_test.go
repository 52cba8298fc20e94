package upload

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestNames: whatever a name holds, none of it leads anywhere or steers anything,
// and the answer and the row have the same.
func TestNames(t *testing.T) {
	f := start(t)
	n := 0
	check := func(sent, want string) {
		t.Helper()
		n++
		number := fmt.Sprint(n)
		token := f.ticket(number, 2)
		body := "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + sent + "\"\r\n\r\ndata\r\n--B--\r\n"
		r := f.do("POST", PathArchives, strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=B", "Upload-Token", token)
		r.want(t, 201, "")
		f.wantArchive(number, want, []byte("data"))
		for _, bad := range []string{"..", "%0D", "%0A", "<", ">", "\\u", "%00", "%2F", "%5C"} {
			if strings.Contains(r.body, bad) {
				t.Errorf("%q gives %s", sent, r.body)
			}
		}
		path := f.mustCreate(token, 4, metadata("filename", strings.ReplaceAll(sent, `\"`, `"`)))
		f.patch(path, 0, strings.NewReader("data")).want(t, 204, "")
		if list := f.archives(number); len(list) != 2 || list[0].Name != want || list[1].Name != want {
			t.Errorf("tus: %q gives %+v", sent, list)
		}
	}
	check("logs.tar.gz", "logs.tar.gz")
	check("../../etc/passwd", "passwd")
	check(`..\..\windows\system.ini`, "system.ini")
	check("/etc/", "etc")
	check(".htaccess", "htaccess")
	check("evil.html", "evil.html")
	check("evil.svg", "evil.svg")
	check("<script>.gz", "_script_.gz")
	check("a\u202egz.exe", "a_gz.exe")
	check("a\xffb", "a_b")
	check("ﬁle ω.gz", "ﬁle ω.gz")
	check(strings.Repeat("x", 97)+".gz", strings.Repeat("x", 97)+".gz")
}

// TestHeaderInjection: a name's line breaks make no header, in either protocol.
func TestHeaderInjection(t *testing.T) {
	f := start(t)
	token := f.ticket("1", 5)
	f.create(token, 4, metadata("filename", "a\x01\x1b[31m\x00b")).want(t, 201, "")
	path := f.mustCreate(token, 4, metadata("filename", "a\r\nSet-Cookie: x=1\r\n\r\n<html>"))
	r := f.patch(path, 0, strings.NewReader("data"))
	r.want(t, 204, "")
	head := f.do("HEAD", path, nil)
	for _, h := range []http.Header{r.header, head.header} {
		if h.Get("Set-Cookie") != "" {
			t.Errorf("%v", h)
		}
	}
	r = f.do("POST", PathArchives, strings.NewReader("data"), "Upload-Token", token, "Content-Disposition", "attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1")
	r.want(t, 201, "")
	if r.header.Get("Set-Cookie") != "" || strings.ContainsAny(r.body, "\r\n") {
		t.Errorf("%v %q", r.header, r.body)
	}
	ticket, err := f.db.TicketByNumber(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	uploads, err := f.db.UploadsOf(t.Context(), ticket.ID)
	if err != nil || len(uploads) != 3 {
		t.Errorf("%d uploads, %v", len(uploads), err)
	}
	for _, u := range uploads {
		if strings.ContainsAny(u.Name, "\r\n\x00\x01\x1b:<>") {
			t.Errorf("%q", u.Name)
		}
	}
	for _, a := range f.archives("1") {
		if strings.ContainsAny(a.Name, "\r\n:<>") {
			t.Errorf("%q", a.Name)
		}
	}
}

// TestWrongMagic: a file is taken for what it is called by nobody: the bytes are
// stored as they are, whatever the request says of them.
func TestWrongMagic(t *testing.T) {
	f := start(t)
	for i, kind := range []string{"application/gzip", "text/html", "image/svg+xml", "application/json", "text/x-shellscript"} {
		number, data := fmt.Sprint(i), []byte("<svg onload=alert(1)>")
		f.do("POST", PathArchives, bytes.NewReader(data), "Content-Type", kind, "Content-Disposition", "attachment; filename=logs.tar.gz", "Upload-Token", f.ticket(number, 1)).want(t, 201, "")
		f.wantArchive(number, "logs.tar.gz", data)
	}
}

// TestHugeHeaders: headers without end are the server's to refuse; those it
// lets through hurt nobody.
func TestHugeHeaders(t *testing.T) {
	f := start(t)
	token := f.ticket("1", 5)
	big := strings.Repeat("a ", 200_000)
	for _, header := range []string{"Upload-Metadata", "Content-Disposition", "Content-Type", "Upload-Token", "Upload-Length", "Upload-Offset"} {
		for _, path := range []string{PathArchives, PathUploads} {
			headers := []string{"Tus-Resumable", "1.0.0", "Upload-Token", token, "Upload-Length", "10", header, big}
			if r := f.do("POST", path, strings.NewReader("x"), headers...); r.status >= 500 {
				t.Errorf("%s %s: %d %s", path, header, r.status, r.body)
			}
		}
	}
}

// counter is a Guesses that blocks after three.
type counter struct {
	mu    sync.Mutex
	wrong map[netip.Addr]int
}

func (c *counter) Blocked(a netip.Addr) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong[a] >= 3 {
		return 90*time.Second - time.Millisecond
	}
	return 0
}

func (c *counter) Wrong(a netip.Addr) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong[a]++
}

// TestGuessing: an address that tries tokens is stopped, with the right one too;
// right tokens never count, and other addresses do not suffer.
func TestGuessing(t *testing.T) {
	guesses := &counter{wrong: map[netip.Addr]int{}}
	f := start(t, func(o *Options, _ *tickets.Rules) {
		o.Guesses = guesses
		o.Client = func(r *http.Request) netip.Addr { return netip.MustParseAddr(r.Header.Get("From")) }
	})
	token := f.ticket("1", 10)
	post := func(from, token string) reply {
		return f.do("POST", PathArchives, strings.NewReader("data"), "From", from, "Upload-Token", token, "Content-Disposition", "attachment; filename=a")
	}
	tus := func(from, token string) reply {
		return f.do("POST", PathUploads, nil, "From", from, "Tus-Resumable", "1.0.0", "Upload-Token", token, "Upload-Length", "4")
	}
	for range 4 {
		post("192.0.2.1", token).want(t, 201, "")
	}
	post("192.0.2.1", "").want(t, 401, "")
	post("192.0.2.1", "a").want(t, 403, "")
	tus("192.0.2.1", "b").want(t, 403, "")
	post("192.0.2.1", "c").want(t, 403, "")
	for _, r := range []reply{post("192.0.2.1", token), tus("192.0.2.1", token), tus("192.0.2.1", "d")} {
		r.want(t, 429, `{"detail":"Request was throttled. Expected available in 90 seconds."}`)
		if r.header.Get("Retry-After") != "90" {
			t.Error(r.header)
		}
	}
	post("192.0.2.2", token).want(t, 201, "")
	f.wantAttempts("1", 5)
}

// FuzzForm: any body is an answer below 500, and never a panic; what is stored
// is the file the form holds.
func FuzzForm(f *testing.F) {
	f.Add("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\ndata\r\n--B--\r\n", "multipart/form-data; boundary=B", "")
	f.Add("data", "application/gzip", "attachment; filename=a")
	f.Add("--B\r\n\r\n\r\n--B", "multipart/form-data; boundary=B", "")
	f.Fuzz(func(t *testing.T, body, kind, disposition string) {
		file, err := openFile(http.Header{"Content-Type": {kind}, "Content-Disposition": {disposition}}, strings.NewReader(body))
		if err == nil {
			var got bytes.Buffer
			if _, err = got.ReadFrom(file.body); err == nil {
				err = file.finish()
			}
			if err == nil && !strings.Contains(body, got.String()) {
				t.Errorf("%q is not in %q", got.String(), body)
			}
		}
		if said, ours := failure(err); err != nil && (ours || said.status != http.StatusBadRequest) {
			t.Errorf("%v is answered %d", err, said.status)
		}
	})
}
