package redact

import (
	"strings"
	"testing"
)

// BenchmarkHostile scrubs 256 KiB of nothing but the beginning of what a rule
// looks for. A rule that looks ahead to the end from each of them shows here: it
// takes minutes, not fractions of a second.
func BenchmarkHostile(b *testing.B) {
	for _, piece := range []string{
		"a@tcp(", "thin:", " -p abcde", "mysql -p abcde ", "curl -u ", "insert into users values (a,", "insert into t (password,", "password is ", "password for ",
		"password in (", "password = $$", "password<>", "simple_bind(", "echo x | ", "<<< ", "hooks.slack.com/services/", "12345678:AAE", "?sid=a", "?key=aB1", "api key: ",
		"password: >-", "&lt;", "://a@",
	} {
		s := strings.Repeat(piece, 256<<10/len(piece))
		b.Run(strings.TrimSpace(piece), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				scrubText(b, s)
			}
		})
	}
}
