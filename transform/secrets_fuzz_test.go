package transform

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/dev/planted"
	"github.com/zimbraloki/zimbraloki/entry"
)

// leaks is what of a secret leaves with an entry: in its line, metadata or
// labels.
func leaks(tr *Transform, path, line, secret string) (out string) {
	transformChunk(tr, "x", pathChunk(path, strings.Split(line, "\n")...), func(e *entry.Entry) {
		all := string(e.AppendLine(nil)) + " " + metaText(e.Meta) + " " + e.Labels.Text
		if strings.Contains(all, secret) || strings.Contains(all, secret[1:]) || strings.Contains(all, secret[:len(secret)-1]) {
			out = all
		}
	})
	return out
}

// recordChunk is a chunk of records.
func recordChunk(records [][]string) []byte {
	var b chunk.Builder
	for i, r := range records {
		values := make([]any, len(r))
		for j, v := range r {
			values[j] = v
		}
		b.Record(benchArrival+int64(i)*1000, values...)
	}
	return b.Bytes()
}

// planter draws shapes, and knows what is made of them without redaction.
type planter struct{ hide, keep *Transform }

func newPlanter() *planter {
	return &planter{New(Options{Location: time.UTC, NoMails: true}), New(Options{Location: time.UTC, NoMails: true, KeepSecrets: true})}
}

// leaving is what leaves of records: the lines, and all of it.
func leaving(tr *Transform, records [][]string) (lines []string, all string) {
	transformChunk(tr, "x", recordChunk(records), func(e *entry.Entry) {
		lines = append(lines, string(e.AppendLine(nil)))
		all += lines[len(lines)-1] + " " + metaText(e.Meta) + " " + e.Labels.Text + "\n"
	})
	return lines, all
}

// check reports whether neither half of the secret leaves and nothing goes but
// the secret.
func (p *planter) check(t *testing.T, draws []byte) bool {
	t.Helper()
	s := planted.Draw(draws)
	lines, all := leaving(p.hide, s.Records)
	if s.Leaks(all) {
		t.Errorf("%q %q\n lets out %s", s.Secret, s.Records, all)
		return false
	}
	for _, k := range s.Kept {
		if !strings.Contains(all, k) {
			t.Errorf("%q %q\n loses %q: %s", s.Secret, s.Records, k, all)
			return false
		}
	}
	whole, _ := leaving(p.keep, s.Records)
	if !s.Exact || !strings.Contains(strings.Join(whole, "\n"), s.Secret) { // or it is written in escapes
		return true
	}
	want := strings.ReplaceAll(strings.Join(whole, "\n"), s.Secret, "***")
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("%q %q\n gives %s\n  want %s", s.Secret, s.Records, got, want)
		return false
	}
	return true
}

// TestPlantedSecrets: none of some thousand secrets in drawn shapes leaves, and
// nothing else goes.
func TestPlantedSecrets(t *testing.T) {
	p := newPlanter()
	r := rand.New(rand.NewPCG(7, 7))
	bad := 0
	for range 20000 {
		draws := make([]byte, 48)
		for i := range draws {
			draws[i] = byte(r.IntN(256))
		}
		if !p.check(t, draws) {
			if bad++; bad == 20 {
				t.FailNow()
			}
		}
	}
	// Without redaction it is there: the test sees what it looks for.
	if s := planted.Draw([]byte("0123456789")); true {
		if _, all := leaving(p.keep, s.Records); !s.Leaks(all) {
			t.Error("nothing is planted")
		}
	}
}

// FuzzPlantedSecrets draws further shapes.
func FuzzPlantedSecrets(f *testing.F) {
	for i := range 64 {
		f.Add([]byte(strings.Repeat(string(rune('0'+i)), 40)))
	}
	p := newPlanter()
	f.Fuzz(func(t *testing.T, draws []byte) { p.check(t, draws) })
}
