package report

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
)

// fakeSendmail keeps what it gets beside itself, and ends with a status.
func fakeSendmail(t *testing.T, status string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "sendmail")
	script := "#!/bin/sh\necho \"$@\" > \"$0.args\"\ncat > \"$0.mail\"\necho queue is full >&2\nexit " + status + "\n"
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil { //nolint:gosec // to be run
		t.Fatal(err)
	}
	return program
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestMail reads the mail as a mail reader does.
func TestMail(t *testing.T) {
	if testing.Short() {
		t.Skip("reads hours of logs: not with -short")
	}
	dir := t.TempDir()
	if _, err := samplelogs.Write(dir, samplelogs.Options{Start: start, Duration: 70 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][2]string{
		"en": {" urgent, ", "A service wrote FATAL"},
		"ru": {": срочно ", "FATAL"},
	} {
		program := fakeSendmail(t, "0")
		out, code := flagtest.Run(t.Context(), Command(), "--timezone", "UTC", "--lang", lang, "--mail", "root", "--sendmail", program, dir)
		if code != 0 {
			t.Fatal(code, out)
		}
		if args := read(t, program+".args"); args != "-oi -- root\n" {
			t.Errorf("sendmail %q", args)
		}
		text := read(t, program+".mail")
		for line := range strings.SplitSeq(text, "\n") {
			if len(line) > 998 { // RFC 5322, 2.1.1
				t.Errorf("a line of %d bytes", len(line))
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || !strings.Contains(subject, want[0]) || m.Header.Get("To") != "root" {
			t.Errorf("subject %q, %v, to %q", subject, err, m.Header.Get("To"))
		}
		parts := partsOf(t, m)
		if len(parts) != 2 || !strings.Contains(parts[0], want[1]) || !strings.Contains(parts[1], "<!doctype html>") || !strings.Contains(parts[1], "</html>") {
			t.Errorf("%s: %d parts, %.300q", lang, len(parts), parts)
		}
	}
	if _, err := os.Stat("report.html"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a page was written beside the mail: %v", err)
	}
}

// partsOf returns the parts, decoded.
func partsOf(t *testing.T, m *mail.Message) (parts []string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%q, %v", kind, err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		var in io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			in = base64.NewDecoder(base64.StdEncoding, p)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(text))
	}
}

func TestMailFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mailbox.log"), []byte("2026-08-02 10:00:00,000 INFO  [main] [] misc - x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := func(code int, want string, args ...string) {
		t.Helper()
		out, got := flagtest.Run(t.Context(), Command(), append(args, dir)...)
		if got != code || !strings.Contains(out, want) {
			t.Errorf("%q: %d %s, want %d, %q", args, got, out, code, want)
		}
	}
	f(1, "queue is full", "--mail", "root", "--sendmail", fakeSendmail(t, "75"))
	f(1, "no such file", "--mail", "root", "--sendmail", filepath.Join(dir, "nosuch"))
	f(2, "must be one address", "--mail", "-bd")
	f(2, "must be one address", "--mail", "")
	f(2, "must be one address", "--mail", "root\nBcc: other@example.com")
	f(2, "must be one address", "--mail", "a@example.com,b@example.com")
}
