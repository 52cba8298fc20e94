package transform

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/format/syslog"
)

// fuzzTags are the tags of all programs whose messages are known, and one that
// is not.
func fuzzTags() []string {
	tags := []string{"postfix/smtpd", "postfix/submission/smtpd", "postfix/smtp", "postfix/cleanup", "postfix/qmgr", "postfix/postscreen", "fail2ban.actions", "unheard-of"}
	for _, f := range Formats() {
		tags = append(tags, f.Programs...)
	}
	for name := range syslog.ForeignPrograms {
		tags = append(tags, name)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// FuzzCarriers: any message of any program, through all carriers: none does
// harm, all give the same fields, the bytes of the line are kept, names and labels
// are what they may be, and a chunk that comes again gives the same entries.
func FuzzCarriers(f *testing.F) {
	if testing.Short() {
		f.Skip("carries each message of every fixture: not with -short")
	}
	tags := fuzzTags()
	for _, m := range messagesOfFixtures(f) {
		if i := slices.Index(tags, m.tag); i >= 0 {
			f.Add(uint8(i), m.pid != "", m.text)
		}
	}
	for i := range tags {
		for _, text := range []string{"x", `{"level":"error","msg":"x"}`, "ERROR: x", "[1] x", "<1> x", "a[1]: x", "2026-08-02 16:49:04,242 INFO  [t] [] l - m"} {
			f.Add(uint8(i), i%2 == 0, text)
		}
	}
	services := knownServices()
	tr := New(Options{Location: time.UTC, Host: "mx1", NoMails: true, KeepSecrets: true})
	f.Fuzz(func(t *testing.T, tag uint8, numbered bool, text string) {
		m := said{tag: tags[int(tag)%len(tags)], text: text}
		if numbered {
			m.pid = "4001"
		}
		checkCarriers(t, tr, services, m)
	})
}

// checkCarriers is FuzzCarriers for one message.
func checkCarriers(t *testing.T, tr *Transform, services map[string]bool, m said) {
	t.Helper()
	at := time.Date(2026, 8, 2, 16, 49, 4, 0, time.UTC)
	want, first := "", ""
	for _, c := range carriers {
		var b chunk.Builder
		c.add(&b, at, m)
		var got []string
		transformChunk(tr, "mail", b.Bytes(), func(e *entry.Entry) {
			checkEntry(t, tr, e)
			if s := e.Labels.Get("service_name"); !services[s] && !syslog.ForeignPrograms[s] && c.name != "OTLP/JSON" && c.name != "docker compose" {
				t.Errorf("%s: service_name %q", c.name, s)
			}
			if isPlainText(m.text) && !strings.HasSuffix(string(e.AppendLine(nil)), m.text) {
				t.Errorf("%s: line %q of %q", c.name, e.AppendLine(nil), m.text)
			}
			got = append(got, told(e))
		})
		again := play(t, tr, "mail", b.Bytes(), false).entries
		if more := play(t, tr, "mail", b.Bytes(), true).entries; !slices.Equal(again, more) {
			t.Errorf("%s: came again:\n%s\n%s", c.name, strings.Join(again, "\n"), strings.Join(more, "\n"))
		}
		if !sameThroughAll(m) || c.name == "a tag without a colon" && beginsAsTag(m.text) {
			continue
		}
		s := strings.Join(got, "\n")
		if want == "" {
			want, first = s, c.name
		}
		if s != want {
			t.Errorf("%s: %s%s\n%s\n%s: %s", c.name, m.head(), m.text, s, first, want)
		}
	}
}

// knownServices are the values that service_name may have without a container.
func knownServices() map[string]bool {
	services := map[string]bool{"other": true, "unknown": true, "zimbra-freshclam": true, "postfix": true}
	for _, f := range Formats() {
		services[f.Service] = true
		for _, p := range f.Programs {
			services[p] = true
		}
	}
	return services
}

// isPlainText reports whether every carrier can carry the text as it is: one line
// of UTF-8 that neither begins nor ends with a blank.
func isPlainText(s string) bool {
	return s != "" && utf8.ValidString(s) && strings.TrimSpace(s) == s && len(s) < 1<<14 && strings.IndexFunc(s, unicode.IsControl) < 0
}

// sameThroughAll reports whether all carriers can say the same of a message.
// They cannot of what is a part of a longer one.
func sameThroughAll(m said) bool {
	f := formats.Program(m.tag)
	return isPlainText(m.text) && (f == nil || f.Piece == nil || !isPiece(f, m.text))
}

// beginsAsTag reports whether a text may look like a tag's end, a header or a
// level where the program's own tag has no colon.
func beginsAsTag(s string) bool {
	word, _, _ := strings.Cut(s, " ")
	return strings.IndexByte("[{<:(", word[0]) >= 0 || strings.ContainsAny(word, ":[]") || format.WordLevel(word) != format.LevelUnknown
}
