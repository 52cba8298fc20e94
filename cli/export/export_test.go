package export

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/cli/flags"
	"github.com/zimbraloki/zimbraloki/cli/flags/flagtest"
)

// Two entries of anna: one of three lines, and one with a secret and an agent
// that a table would compute.
const log = "2026-11-23 08:00:00,100 INFO  [t] [name=bob@example.com;mid=3;ip=192.0.2.9;] soap - NoOpRequest elapsed=1\r\n" +
	"2026-11-23 08:00:02,100 ERROR [qtp1-2:https://mail/service/soap/X] [name=anna@example.com;mid=4;oip=198.51.100.7;ua==cmd()|x;] soap - failed\r\n" +
	"java.lang.IllegalStateException: no\r\n" +
	"\tat com.zimbra.soap.SoapEngine.dispatch(SoapEngine.java:600)\r\n" +
	"2026-11-23 08:00:03,100 INFO  [t] [name=bob@example.com;mid=3;ip=192.0.2.9;] soap - NoOpRequest elapsed=1\r\n" +
	"2026-11-23 08:00:04,100 INFO  [t] [name=anna@example.com;mid=4;oip=198.51.100.7;] imap - login password=hunter2secret done\r\n"

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func archived(t *testing.T, name string, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed(t, b.String())
}

func zipped(t *testing.T, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sources writes the log in every form, each of a host of its own.
func sources(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "case")
	for name, data := range map[string][]byte{
		"plain/mailbox.log": []byte(log), "gz/mailbox.log.gz": packed(t, strings.ReplaceAll(log, "\r\n", "\n")),
		"tar.tar.gz": archived(t, "../=tar/mailbox.log", []byte(log)), "zip.zip": zipped(t, "zip/mailbox.log", log),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, got := flagtest.Run(t.Context(), Command(), append(args, "--timezone", "UTC")...)
	if got != code {
		t.Fatalf("%q: exit code %d, want %d\n%s", args, got, code, out)
	}
	return out
}

func members(t *testing.T, file string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close() //nolint:errcheck // read only
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		all[f.Name] = b.String()
	}
	return all
}

// TestPlaces: every line stands at its offset, whatever the log lay in, and the
// zip has it, or what may be shown of it.
func TestPlaces(t *testing.T) {
	dir := sources(t)
	for _, raw := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "case.zip")
		args := []string{"--user", "anna@example.com", "-o", file, dir}
		if raw {
			args = append(args, "--raw")
		}
		run(t, 0, args...)
		m := members(t, file)
		if strings.Contains(m["lines.log"], "hunter2secret") != raw || strings.Contains(m["README.txt"], "UNREDACTED") != raw {
			t.Errorf("raw %v:\n%s%s", raw, m["README.txt"], m["lines.log"])
		}
		rows, err := csv.NewReader(strings.NewReader(m["lines.csv"])).ReadAll()
		if err != nil || len(rows) != 1+2*4 {
			t.Fatalf("%d rows, %v, want 9\n%s", len(rows), err, m["lines.csv"])
		}
		for _, r := range rows[1:] {
			text := log
			if strings.Contains(r[3], "gz/mailbox.log.gz") {
				text = strings.ReplaceAll(log, "\r\n", "\n")
			}
			offset, _ := strconv.Atoi(r[4])
			length, _ := strconv.Atoi(r[5])
			number, _ := strconv.Atoi(r[6])
			bytes := text[offset : offset+length]
			sum := sha256.Sum256([]byte(bytes))
			if !strings.HasPrefix(bytes, "2026-11-23 08:00:0") || !strings.Contains(bytes, "name=anna") || hex.EncodeToString(sum[:]) != r[7] ||
				strings.Count(text[:offset], "\n")+1 != number {
				t.Errorf("%q: at byte %d, line %d stands %q", r[3], offset, number, bytes)
			}
			from, _ := strconv.Atoi(r[9])
			n, _ := strconv.Atoi(r[10])
			if stored := m["lines.log"][from : from+n]; (r[8] == "false") != (stored == bytes) || raw && stored != bytes {
				t.Errorf("%q: stored %q, changed %s", r[3], stored, r[8])
			}
			for _, cell := range r {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("a cell is a formula: %q", cell)
				}
			}
		}
	}
}

// TestSame: the same logs give the same bytes wherever they lie, and nothing of
// where that is.
func TestSame(t *testing.T) {
	var sums []string
	for range 2 {
		dir, file := sources(t), filepath.Join(t.TempDir(), "c.zip")
		run(t, 0, "--client-ip", "198.51.100.0/24", "-o", file, dir)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, string(b))
		for name, text := range members(t, file) {
			if strings.Contains(text, filepath.Dir(dir)) {
				t.Errorf("%s names a folder of this machine", name)
			}
		}
	}
	if sums[0] != sums[1] {
		t.Error("two exports of the same logs differ")
	}
}

// TestVerify names what differs.
func TestVerify(t *testing.T) {
	dir, file := sources(t), filepath.Join(t.TempDir(), "c.zip")
	run(t, 0, "--query", `{log="mailbox"} | user="anna@example.com"`, "-o", file, dir)
	if out := run(t, 0, "--verify", file, dir); !strings.Contains(out, "8 entries found at their places") {
		t.Error(out)
	}
	plain := filepath.Join(dir, "plain", "mailbox.log")
	b := []byte(log)
	b[strings.Index(log, "failed")] ^= 1
	if err := os.WriteFile(plain, b, 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, flags.ExitError, "--verify", file, dir)
	for _, want := range []string{`source "case/plain/mailbox.log" was changed`, `member "case/plain/mailbox.log" was changed`, `line 2 of "case/plain/mailbox.log"`, "3 things are not as they were"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if err := os.WriteFile(plain, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	var altered bytes.Buffer
	z := zip.NewWriter(&altered)
	for name, text := range members(t, file) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(strings.Replace(text, "IllegalState", "illegalState", 1))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, altered.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run(t, flags.ExitError, "--verify", file, dir); !strings.Contains(out, "case file: lines.log was altered") {
		t.Error(out)
	}
}

func TestUsage(t *testing.T) {
	f := func(want string, args ...string) {
		t.Helper()
		if out := run(t, flags.ExitUsage, args...); !strings.Contains(out, want) {
			t.Errorf("%q: no %q in\n%s", args, want, out)
		}
	}
	f("say what to look for", "-o", "x.zip", ".")
	f("needs -o", "--user", "a", ".")
	f("must be an address", "--client-ip", "example.org", "-o", "x.zip", ".")
	f("--query counts", "--query", `rate({a="b"}[1m])`, "-o", "x.zip", ".")
}

// TestCommandLine: the first page has the command, without what is of this
// machine and without secrets.
func TestCommandLine(t *testing.T) {
	c := Command()
	if err := c.ParseFlags([]string{
		"--user", "o'neil", "-o", "/home/x/case.zip", "-p", "http_passwd=sesame", "-p", "pseudonymize=on", "-p", "HEADER=X-Key: sesame", "--label", "a=b", "--label", "c=d",
	}); err != nil {
		t.Fatal(err)
	}
	const want = `zimbraloki export --label=a=b --label=c=d --property='http_passwd=***' --property=pseudonymize=on --property='HEADER=***' --user='o'\''neil' logs`
	if got := commandLine(c, []string{"/srv/cases/logs"}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
