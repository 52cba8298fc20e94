package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestBackupIsAlone: a backup to standard output has nothing behind it, the
// audit trail either.
func TestBackupIsAlone(t *testing.T) {
	d := desk{t, t.TempDir()}
	d.fill()
	var out, err bytes.Buffer
	a := &app{environ: []string{"DATA_DIR=" + d.dir, "AUDIT_LOG=-"}, in: strings.NewReader(""), out: &out, err: &err}
	if code := a.run(t.Context(), []string{"backup", "-"}); code != 0 {
		t.Fatalf("exit code %d\n%s", code, err.String())
	}
	r := tar.NewReader(&out)
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if rest, _ := io.ReadAll(&out); len(bytes.Trim(rest, "\x00")) > 0 {
		t.Errorf("behind the end: %q", rest)
	}
	if !strings.Contains(err.String(), `"action":"Backup"`) {
		t.Errorf("the trail has no backup:\n%s", err.String())
	}
}

// TestTwice: an answer that is empty is none.
func TestTwice(t *testing.T) {
	f := func(want string, answers ...string) {
		t.Helper()
		n := -1
		got, err := twice(func(string) (string, error) {
			if n++; n == len(answers) {
				return "", errors.New("the terminal is gone")
			}
			return answers[n], nil
		}, "anna")
		if got != want && err == nil || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", answers, got, err)
		}
	}
	f("secret", "secret", "secret")
	f("", "secret", "other")
	f("", "", "")
	f("", "secret")
	f("")
}

// TestLocal: where a check of health asks.
func TestLocal(t *testing.T) {
	f := func(listen, want string) {
		t.Helper()
		if got := local(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
	f("0.0.0.0:8000", "127.0.0.1:8000")
	f("[::]:8000", "127.0.0.1:8000")
	f(":8000", "127.0.0.1:8000")
	f("10.1.2.3:80", "10.1.2.3:80")
	f("[fd00::1]:80", "[fd00::1]:80")
	f("intake:80", "intake:80")
}
