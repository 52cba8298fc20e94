package transform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// syslogSamples are the lines of testdata, one log after the other.
func syslogSamples(tb testing.TB) (lines []string) {
	tb.Helper()
	for _, dir := range []string{"postfix", "amavis", "zimbra-syslog", "zimbra-stats"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.log"))
		if err != nil {
			tb.Fatal(err)
		}
		for _, file := range files {
			in, err := os.ReadFile(file)
			if err != nil {
				tb.Fatal(err)
			}
			lines = append(lines, strings.Split(strings.TrimSuffix(string(in), "\n"), "\n")...)
		}
	}
	if len(lines) < 100 {
		tb.Fatalf("only %d lines in testdata", len(lines))
	}
	return lines
}

// TestSyslogAllocs: no line of any program costs an allocation.
func TestSyslogAllocs(t *testing.T) {
	r := benchRun(t, Options{})
	for _, line := range syslogSamples(t) {
		if n := testing.AllocsPerRun(20, func() { readSyslog(r, line) }); n != 0 {
			t.Errorf("%v allocations for %q", n, line)
		}
	}
}

func BenchmarkSyslog(b *testing.B) {
	r := benchRun(b, Options{})
	const head = "Aug  2 16:49:02 mx1 "
	for _, c := range []struct{ name, line string }{
		{"connect", head + "postfix/smtpd[2101]: connect from mail.example.net[192.0.2.25]"},
		{"message-id", head + "postfix/cleanup[2201]: 4A1B2C3D4E5: message-id=<1234567890.1.1785689342000.JavaMail.zimbra@example.com>"},
		{"queue", head + "postfix/qmgr[999]: 4A1B2C3D4E5: from=<anna@example.com>, size=2048, nrcpt=3 (queue active)"},
		{"hop", head + "postfix/smtp[2301]: 4A1B2C3D4E5: to=<boris@example.org>, relay=127.0.0.1[127.0.0.1]:10026, delay=0.26, delays=0.02/0.01/0.01/0.22, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10030): 250 2.0.0 Ok: queued as 5B1B2C3D4E7)"},
		{"reject", head + "postfix/smtpd[2107]: NOQUEUE: reject: RCPT from unknown[198.51.100.10]: 554 5.7.1 <carl@example.org>: Relay access denied; from=<spam@example.net> to=<carl@example.org> proto=ESMTP helo=<friendly>"},
		{"amavis", head + "amavis[2526]: (02526-20) Passed CLEAN {RelayedInbound}, [198.51.100.7]:59578 [198.51.100.7] <anna@example.com> -> <boris@example.org>, Queue-ID: 4A1B2C3D4E5, Message-ID: <1234567890.1.1785689342000.JavaMail.zimbra@example.com>, mail_id: 2mwr_Uo4Q4fX, Hits: -, size: 2048, queued_as: 5B1B2C3D4E7, 223 ms"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := readSyslog(r, c.line); !ok {
					b.Fatal("not read")
				}
			}
		})
	}
	lines := syslogSamples(b)
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			readSyslog(r, lines[i%len(lines)])
		}
	})
}
