package pages

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deadlines is an answer over a connection that keeps the deadline.
type deadlines struct {
	*httptest.ResponseRecorder

	read time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = t
	return nil
}

// endless counts what is read of a body without an end.
type endless struct{ n int64 }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	e.n += int64(len(b))
	return len(b), nil
}

// TestUploadOpening: who has shown no token holds no connection and sends no end
// of bytes; the file has the bounds of the API.
func TestUploadOpening(t *testing.T) {
	var length int64
	p, err := New(Options{Upload: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		length = r.ContentLength
		n, err := io.Copy(io.Discard, r.Body)
		if n != 1<<20 || err != nil {
			t.Errorf("the file has %d bytes, %v", n, err)
		}
		w.WriteHeader(http.StatusCreated)
	})})
	if err != nil {
		t.Fatal(err)
	}
	f := func(begin, end string, size int64, want int) {
		t.Helper()
		rest := &endless{}
		body := io.MultiReader(strings.NewReader(begin), io.LimitReader(rest, size), strings.NewReader(end))
		r := httptest.NewRequest(http.MethodPost, "/archives/upload/", body)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		r.ContentLength = int64(len(begin)+len(end)) + size
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		p.uploadPost(w, r)
		if w.Code != want || want == http.StatusBadRequest && rest.n > 2*maxOpening {
			t.Errorf("%.60q: %d after %d bytes, want %d", begin, w.Code, rest.n, want)
		}
		if in := time.Until(w.read); in <= 0 || in > openingTime {
			t.Errorf("%.60q: must be there in %s, want %s", begin, in, openingTime)
		}
	}
	const token, file = "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.tgz\"\r\n\r\n"
	f(token+"secret\r\n"+file, "\r\n--b--\r\n", 1<<20, http.StatusCreated)
	if length < 1<<19 || length > 1<<20 {
		t.Errorf("a file of %d bytes is said to have %d", 1<<20, length)
	}
	f(token, "", 1<<24, http.StatusBadRequest)
	f("", "", 1<<24, http.StatusBadRequest)
	f("--b\r\nContent-Disposition: form-data; name=\"", "", 1<<24, http.StatusBadRequest)
	f(strings.Repeat(strings.Replace(token, "token", "other", 1)+"\r\n", 1000), "", 1<<24, http.StatusBadRequest)
}
