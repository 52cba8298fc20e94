package uploader_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/intake/http/upload"
)

// TestLocation: the archive goes to the server that was named, whatever address
// it gives the upload, and no address is an option of curl's.
func TestLocation(t *testing.T) {
	for _, origin := range []string{"https://elsewhere.invalid", "-o/dev/full://elsewhere.invalid"} {
		in := start(t, 1)
		in.before(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					next.ServeHTTP(w, r)
					return
				}
				answer := httptest.NewRecorder()
				next.ServeHTTP(answer, r)
				w.Header().Set("Location", origin+answer.Header().Get("Location"))
				w.WriteHeader(answer.Code)
			})
		})
		file, data := archive(t, "a.tgz", 1000)
		cmd := command("sh", "-f", file, "-t", token, "-u", in.api())
		cmd.Env = append(cmd.Env, "UPLOAD_RETRIES=2")
		want(t, cmd, 0, "is stored")
		in.wantArchive(t, "a.tgz", data)
	}
}

// TestTerminal: what a server says steers no terminal.
func TestTerminal(t *testing.T) {
	in := start(t, 1)
	status := http.StatusForbidden
	in.before(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, upload.PathUploads) {
				http.NotFound(w, r)
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("\x1b]0;owned\x07 здесь ничего нет\n"))
		})
	})
	file, _ := archive(t, "a.tgz", 10)
	f := func(answer, code int) {
		t.Helper()
		status = answer
		if out := want(t, command("sh", "-f", file, "-t", token, "-u", in.api()), code, "здесь ничего нет"); strings.ContainsAny(out, "\x1b\x07") {
			t.Errorf("printed %q", out)
		}
	}
	f(http.StatusForbidden, 3)
	f(http.StatusCreated, 0)
}

// TestOldCurl: curl before 7.30 takes quotes for a part of a file's name, so
// there are none where none is needed.
func TestOldCurl(t *testing.T) {
	dir := t.TempDir()
	curl := "#!/bin/sh\nfor a; do case $a in file=*) printf '%s\\n' \"$a\" >&2 ;; esac; done\nprintf 404\n"
	if err := os.WriteFile(filepath.Join(dir, "curl"), []byte(curl), 0o700); err != nil {
		t.Fatal(err)
	}
	f := func(name, part string) {
		t.Helper()
		file, _ := archive(t, name, 10)
		cmd := command("sh", "-f", file, "-t", token, "-u", "http://localhost/api/v1/archives/")
		cmd.Env = append(cmd.Env, "PATH="+dir+":"+os.Getenv("PATH"))
		want(t, cmd, 3, strings.ReplaceAll(part, "DIR", filepath.Dir(file)))
	}
	f("mail logs.tgz", "file=@DIR/mail logs.tgz\n")
	f("a,b.tgz", "file=@\"DIR/a,b.tgz\"\n")
	f("a;b.tgz", "file=@\"DIR/a;b.tgz\"\n")
	f(`a"b\c.tgz`, `file=@"DIR/a\"b\\c.tgz"`+"\n")
}
