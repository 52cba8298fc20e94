package upload

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/intake/model"
	"github.com/zimbraloki/zimbraloki/intake/tickets"
)

// TestPostRefused: the order of checks and the answers are the original's, and a
// refusal costs nothing.
func TestPostRefused(t *testing.T) {
	f := start(t)
	body, kind := formOf(t, "logs.tgz", []byte("data"))
	post := func(token string) reply {
		return f.do("POST", PathArchives, bytes.NewReader(body), "Content-Type", kind, "Upload-Token", token)
	}
	none := "8c0f5d8e-0000-4000-8000-000000000000"
	post("").want(t, 401, `{"detail":"Header Upload-Token is required"}`)
	if got := post("").header.Get("WWW-Authenticate"); got != `Bearer realm="api"` {
		t.Error(got)
	}
	post("nonsense").want(t, 403, `{"detail":"token nonsense is not valid"}`)
	post(none).want(t, 403, `{"detail":"token `+none+` is not valid"}`)
	post(strings.Repeat("x", 70)).want(t, 403, `{"detail":"token `+strings.Repeat("x", 64)+`… is not valid"}`)

	resolved := f.ticket("1", 0, func(t *model.Ticket) { t.Resolved = true })
	post(resolved).want(t, 423, `{"detail":"ticket 1 already resolved"}`)
	used := f.ticket("2", 0)
	post(used).want(t, 423, `{"detail":"token `+used+` expired"}`)
	late := f.ticket("SUP-3", 5, func(t *model.Ticket) { t.ExpiresAt = time.Now().Add(-time.Minute) })
	post(late).want(t, 423, `{"detail":"token `+late+` expired"}`)
	f.wantAttempts("1", 0)
	f.wantAttempts("SUP-3", 5)
	f.wantNothing("SUP-3")
}

// TestPost: what the original's program sends, and what else it takes.
func TestPost(t *testing.T) { eachStore(t, testPost) }

func testPost(t *testing.T, blobs change) {
	f := start(t, blobs)
	data := noise(300_000)
	body, kind := formOf(t, "mail logs (1).tar.gz", data)
	token := f.ticket("1488228", 5)
	r := f.do("POST", PathArchives, bytes.NewReader(body), "Content-Type", kind, "Upload-Token", " "+token+" ", "accept", "application/json")
	r.want(t, 201, `{"file":"/download/archives/1488228/mail%20logs%20%281%29.tar.gz","ticket":1488228}`)
	f.wantArchive("1488228", "mail logs (1).tar.gz", data)
	f.wantAttempts("1488228", 4)

	token = f.ticket("SUP-7", 1)
	r = f.do("POST", "/api/v1/archives", bytes.NewReader(data), "Content-Type", "application/gzip", "Content-Disposition", "attachment; filename=raw.gz", "Upload-Token", token)
	r.want(t, 201, `{"file":"/download/archives/SUP-7/raw.gz","ticket":"SUP-7"}`)
	f.wantArchive("SUP-7", "raw.gz", data)

	// Without a length, and with a checksum.
	token = f.ticket("007", 1)
	sum := sha256.Sum256(data)
	r = f.do("POST", PathArchives, io.MultiReader(bytes.NewReader(data)), "Content-Disposition", `attachment; filename*=UTF-8''%D0%BB%D0%BE%D0%B3.gz`, "Upload-Token", token, "Upload-Sha256", strings.ToUpper(hex.EncodeToString(sum[:])))
	r.want(t, 201, `{"file":"/download/archives/007/%D0%BB%D0%BE%D0%B3.gz","ticket":"007"}`)
	f.wantArchive("007", "лог.gz", data)
}

// TestPostSignedIn: who is signed in needs the token all the same, and learns more.
func TestPostSignedIn(t *testing.T) {
	f := start(t, func(o *Options, _ *tickets.Rules) { o.User = func(*http.Request) string { return "ivan" } })
	body, kind := formOf(t, "a.gz", []byte("data"))
	f.do("POST", PathArchives, bytes.NewReader(body), "Content-Type", kind).want(t, 401, "")
	r := f.do("POST", PathArchives, bytes.NewReader(body), "Content-Type", kind, "Upload-Token", f.ticket("5", 1))
	r.want(t, 201, "")
	for _, want := range []string{`"id":1`, `"time_create":"20`, `"ticket":5`, `"file":"/download/archives/5/a.gz"`} {
		if !strings.Contains(r.body, want) {
			t.Errorf("%s lacks %s", r.body, want)
		}
	}
}

// TestPostBad: requests that hold no file cost the attempt, as in the original.
func TestPostBad(t *testing.T) {
	f := start(t)
	n := 0
	bad := func(body io.Reader, status int, want string, headers ...string) {
		t.Helper()
		n++
		number := fmt.Sprint(n)
		token := f.ticket(number, 3)
		f.do("POST", PathArchives, body, append(headers, "Upload-Token", token)...).want(t, status, want)
		f.wantAttempts(number, 2)
		f.wantNothing(number)
	}
	text := func(s string) io.Reader { return strings.NewReader(s) }
	const kind = "multipart/form-data; boundary=B"
	part := func(head, data string) string { return "--B\r\n" + head + "\r\n\r\n" + data + "\r\n" }
	file := `Content-Disposition: form-data; name="file"; filename="a.gz"`
	bad(text("a=b"), 400, `{"detail":"Bad Request"}`, "Content-Type", "application/x-www-form-urlencoded")
	bad(text("data"), 400, `{"detail":"Missing filename. Request should include a Content-Disposition header with a filename parameter."}`, "Content-Type", "application/gzip")
	bad(text(""), 400, `{"file":["The submitted file is empty."]}`, "Content-Type", "application/gzip", "Content-Disposition", "attachment; filename=a")
	bad(text(part(`Content-Disposition: form-data; name="other"; filename="a"`, "x")+"--B--\r\n"), 400, `{"detail":"Bad Request"}`, "Content-Type", kind)
	bad(text(part(`Content-Disposition: form-data; name="file"`, "x")+"--B--\r\n"), 400, `{"detail":"Bad Request"}`, "Content-Type", kind)
	bad(text(part(file, "")+"--B--\r\n"), 400, `{"file":["The submitted file is empty."]}`, "Content-Type", kind)
	long := strings.Repeat("я", 101)
	bad(text(part(strings.Replace(file, "a.gz", long, 1), "x")+"--B--\r\n"), 400, `{"file":["Ensure this filename has at most 100 characters (it has 101)."]}`, "Content-Type", kind)
	// Two files, no end, no boundary, no form.
	bad(text(part(file, "x")+part(file, "y")+"--B--\r\n"), 400, `{"file":["Only one file may be sent in a request."]}`, "Content-Type", kind)
	const malformed = `{"detail":"Multipart form parse error - it is malformed or ends too soon"}`
	bad(text(part(file, "x")), 400, malformed, "Content-Type", kind)
	bad(text(strings.TrimSuffix(part(file, "x"), "\r\n")), 400, malformed, "Content-Type", kind)
	bad(text("--B\r\n"+file), 400, malformed, "Content-Type", kind)
	bad(text(part(file, "x")+"--B\r\nContent-Disp"), 400, malformed, "Content-Type", kind)
	bad(text(part(file, "x")+"--B\r\nContent-Disposition: x\r\n"), 400, malformed, "Content-Type", kind)
	bad(text(part(file, "x")+"--B"), 400, malformed, "Content-Type", kind)
	bad(text("nothing of a form"), 400, malformed, "Content-Type", kind)
	bad(text("--B--\r\n"), 400, `{"detail":"Bad Request"}`, "Content-Type", kind)
	bad(text(part(file, "x")+"--B--\r\n"), 400, `{"detail":"Multipart form parse error - Invalid boundary in multipart"}`, "Content-Type", "multipart/form-data")
	// Bounds: 100,000 parts, a header and fields without end.
	many := strings.Repeat(part(`Content-Disposition: form-data; name="a"`, "x"), 100_000)
	bad(text(many+part(file, "x")+"--B--\r\n"), 400, `{"detail":"Multipart form parse error - too many parts"}`, "Content-Type", kind)
	bad(text("--B\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\nx"), 400, `{"detail":"Multipart form parse error - the header of a part is too long"}`, "Content-Type", kind)
	bad(text(part(`Content-Disposition: form-data; name="a"`, strings.Repeat("x", 2<<20))+part(file, "x")+"--B--\r\n"), 400, `{"detail":"Multipart form parse error - the fields are too long"}`, "Content-Type", kind)
	bad(text("data"), 460, "", "Content-Disposition", "attachment; filename=a", "Upload-Sha256", strings.Repeat("0", 64))
}

// TestPostRaw: a part is stored as it came, whatever it says of its encoding, and
// may look like a boundary.
func TestPostRaw(t *testing.T) {
	f := start(t)
	body := "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"=41=42\r\n--BB\r\nx" + "\r\n--B--\r\nepilogue"
	token := f.ticket("1", 1)
	f.do("POST", PathArchives, strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=B", "Upload-Token", token).want(t, 201, "")
	f.wantArchive("1", "a", []byte("=41=42\r\n--BB\r\nx"))
	body = strings.TrimSuffix(body, "\r\nepilogue")
	body = strings.TrimSuffix(body, "epilogue")
	f.do("POST", PathArchives, strings.NewReader(body), "Content-Type", "multipart/form-data; boundary=B", "Upload-Token", f.ticket("2", 1)).want(t, 201, "")
}

// TestPostLimits: too large by declaration costs nothing; a body that turns out
// to be larger costs the attempt; quotas.
func TestPostLimits(t *testing.T) {
	f := start(t, func(_ *Options, r *tickets.Rules) { r.MaxUpload, r.TicketQuota = 10_000, 15_000 })
	post := func(token string, n int, declared bool) reply {
		var body io.Reader = bytes.NewReader(noise(n))
		if !declared {
			body = io.MultiReader(body)
		}
		return f.do("POST", PathArchives, body, "Content-Disposition", "attachment; filename=a", "Upload-Token", token)
	}
	token := f.ticket("1", 5)
	post(token, 10_001, true).want(t, 413, "")
	f.wantAttempts("1", 5)
	post(token, 10_001, false).want(t, 413, "")
	f.wantAttempts("1", 4)
	f.wantNothing("1")
	post(token, 10_000, false).want(t, 201, "")
	post(token, 5001, true).want(t, 413, "")
	f.wantAttempts("1", 3)
	post(token, 5001, false).want(t, 413, "")
	f.wantAttempts("1", 2)
	post(token, 5000, true).want(t, 201, "")
}

// TestPostCut: a connection that breaks gives the attempt back.
func TestPostCut(t *testing.T) {
	f := start(t)
	body, kind := formOf(t, "a.gz", noise(500_000))
	for i, end := range []int{0, 10, 1000, len(body) / 2, len(body) - 1} {
		number := fmt.Sprint(i)
		token := f.ticket(number, 3)
		conn := f.dial()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nUpload-Token: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", PathArchives, token, kind, len(body))
		if _, err := conn.Write(body[:end]); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		status, text := answerOf(t, conn)
		if status != 400 || !strings.Contains(text, "the connection broke") {
			t.Errorf("cut at %d: %d %s", end, status, text)
		}
		f.wantAttempts(number, 3)
		f.wantNothing(number)
	}
}

func (f *fixture) dial() net.Conn {
	f.t.Helper()
	conn, err := net.Dial("tcp", f.srv.Listener.Addr().String())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func answerOf(t testing.TB, conn net.Conn) (int, string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text)
}

// TestPostContinue: a client that asks first is not sent for the body by a
// refused token, and is by a good one.
func TestPostContinue(t *testing.T) {
	f := start(t)
	ask := func(token string) string {
		conn := f.dial()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nUpload-Token: %s\r\nContent-Disposition: attachment; filename=a\r\nContent-Length: 4\r\n\r\n", PathArchives, token)
		r := bufio.NewReader(conn)
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(line, "100") {
			return line
		}
		fmt.Fprint(conn, "data")
		_, _ = r.ReadString('\n')
		line, _ = r.ReadString('\n')
		return "100 " + line
	}
	if got := ask("none"); !strings.HasPrefix(got, "HTTP/1.1 403") {
		t.Errorf("%q", got)
	}
	if got := ask(f.ticket("1", 1)); !strings.HasPrefix(got, "100 HTTP/1.1 201") {
		t.Errorf("%q", got)
	}
}

// TestPostSlow: a body that comes byte by byte ends, and the attempt comes back;
// one that is only slow does not.
func TestPostSlow(t *testing.T) {
	f := start(t, func(o *Options, _ *tickets.Rules) { o.Idle, o.Least = time.Second, 100 })
	send := func(token string, piece []byte) (int, string) {
		conn := f.dial()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nUpload-Token: %s\r\nContent-Disposition: attachment; filename=a\r\nContent-Length: %d\r\n\r\n", PathArchives, token, 12*len(piece))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			tick := time.NewTicker(150 * time.Millisecond)
			defer tick.Stop()
			for range 12 {
				<-tick.C
				if _, err := conn.Write(piece); err != nil {
					return
				}
			}
		}()
		status, text := answerOf(t, conn)
		<-ended
		return status, text
	}
	if status, text := send(f.ticket("1", 1), []byte("x")); status != 408 {
		t.Errorf("%d %s", status, text)
	}
	f.wantAttempts("1", 1)
	f.wantNothing("1")
	if status, text := send(f.ticket("2", 1), noise(200)); status != 201 {
		t.Errorf("%d %s", status, text)
	}
}

// TestPostOnce: one attempt admits one of 20 at once.
func TestPostOnce(t *testing.T) {
	f := start(t)
	token := f.ticket("1", 1)
	var mu sync.Mutex
	got := map[int]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			r := f.do("POST", PathArchives, bytes.NewReader(noise(100_000)), "Content-Disposition", "attachment; filename=a", "Upload-Token", token)
			mu.Lock()
			got[r.status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[201] != 1 || got[423] != 19 {
		t.Errorf("%v", got)
	}
	f.wantArchive("1", "a", noise(100_000))
}
