package check

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zimbraloki/zimbraloki/config/fbconf"
)

func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// foreignELF is the head of a shared object for a machine that Go does not run on.
func foreignELF() string {
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(h[16:], 3) // ET_DYN
	binary.LittleEndian.PutUint16(h[18:], 2) // EM_SPARC
	binary.LittleEndian.PutUint32(h[20:], 1)
	binary.LittleEndian.PutUint16(h[52:], 64)
	return string(h)
}

func TestPluginFile(t *testing.T) {
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := func(path, what, cure string) {
		t.Helper()
		gotWhat, gotCure := loadable(path)
		if !strings.Contains(gotWhat, what) || what == "" && gotWhat != "" || !strings.Contains(gotCure, cure) {
			t.Errorf("%s: %q, %q; want %q, %q", path, gotWhat, gotCure, what, cure)
		}
	}
	f(filepath.Join(dir, "none.so"), "no such file", "install it there")
	f(put(t, dir, "text.so", "not a plugin, but long enough to have a head of 64 bytes, as ELF wants"), "is no shared object", "make so")
	f(put(t, dir, "sparc.so", foreignELF()), "EM_SPARC", "for this machine")
	f(exe, "does not export FLBPluginRegister", "c-shared")
	if so := os.Getenv("ZIMBRALOKI_BUILD") + "/zimbraloki.so"; exists(so) {
		f(so, "", "")
	}
}

func TestTwoGo(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ours, other, copied := put(t, dir, "zimbraloki.so", string(data)), put(t, dir, "other.so", string(data)), put(t, dir, "flb-filter_zimbraloki.so", string(data))
	link := filepath.Join(t.TempDir(), "flb-filter_zimbraloki.so")
	if err := os.Symlink(ours, link); err != nil {
		t.Fatal(err)
	}
	f := func(second, want string) {
		t.Helper()
		text := strings.Replace(sound, "  - /usr/lib/zimbraloki/zimbraloki.so\n", "  - "+ours+"\n  - "+second+"\n", 1)
		found := ""
		for _, f := range File(put(t, dir, "x.yaml", text), Options{Env: noEnv, Files: true}) {
			if f.Rule == "plugin-go" && f.Line == 12 {
				found = f.Cure
			}
		}
		if !strings.Contains(found, want) || want == "" && found != "" {
			t.Errorf("%s: %q, want %q", second, found, want)
		}
	}
	f(other, "of its own")
	f(copied, "make it a link")
	f(link, "") // the output and the filter
}

func TestFilesOnThisMachine(t *testing.T) {
	dir := t.TempDir()
	empty := put(t, dir, "empty", " \n")
	blocked := put(t, dir, "file", "") // a file where a directory is wanted
	text := strings.Replace(sound, "labels: job=zimbra", "labels: job=zimbra\n      http_user: mail\n      http_passwd_file: "+empty+
		"\n      tls_ca_file: /nonexistent/ca.pem\n      dead_letter_path: "+blocked+"/x.jsonl", 1)
	text = strings.Replace(text, "/var/lib/zimbraloki/tail.db", blocked+"/tail.db", 1)
	text = strings.Replace(text, "/var/lib/zimbraloki/storage", dir+"/new/storage", 1)
	findings := File(put(t, dir, "x.yaml", text), Options{Env: noEnv, Files: true})
	f := func(rule, what string) {
		t.Helper()
		for _, g := range findings {
			if g.Rule == rule && strings.Contains(g.What, what) {
				return
			}
		}
		t.Errorf("%s: %s is not found in %v", rule, what, findings)
	}
	f("readable", "http_passwd_file")
	f("readable", "tls_ca_file")
	f("writable", "dead_letter_path")
	f("writable", "db "+blocked)
	text = strings.Replace(text, blocked+"/x.jsonl", dir, 1)
	findings = File(put(t, dir, "x.yaml", text), Options{Env: noEnv, Files: true})
	f("writable", "dead_letter_path "+dir+" is a directory")
	for _, g := range findings {
		if g.Rule == "writable" && strings.Contains(g.What, "storage.path") {
			t.Errorf("a directory that can be made: %v", &g)
		}
	}
	if exists(dir + "/new") {
		t.Error("the check has made a directory")
	}
}

// classic is sound in the other form.
const classic = `
@SET state=/var/lib/zimbraloki
[SERVICE]
    Flush             1
    Coro_Stack_Size   131072
    storage.path      ${state}/storage
    scheduler.cap     30
    Plugins_File      plugins.conf
@INCLUDE inputs/*.conf
[OUTPUT]
    Name              zimbraloki
    Match             zimbra.*
    URL               https://loki.example.com
    Workers           1
    Retry_Limit       false
    storage.total_limit_size 1G
`

const classicInput = `[INPUT]
    Name              tail
    Tag               zimbra.*
    Path              /opt/zimbra/log/mailbox.log
    Path_Key          filename
    DB                ${state}/tail.db
    Read_From_Head    On
    Refresh_Interval  10
    Rotate_Wait       300
    Buffer_Chunk_Size 256K
    Buffer_Max_Size   32M
    Skip_Long_Lines   On
    storage.type      filesystem
`

// classicFiles writes the classic configuration with its included files.
func classicFiles(t *testing.T, main, input string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "inputs"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "inputs/tail.conf", input)
	put(t, dir, "plugins.conf", "[PLUGINS]\n    Path /usr/lib/zimbraloki/zimbraloki.so\n")
	return put(t, dir, "fluent-bit.conf", main)
}

func TestClassic(t *testing.T) {
	for _, f := range File(classicFiles(t, classic, classicInput), Options{Env: noEnv}) {
		t.Errorf("%s", &f)
	}
	f := func(old, change, rule, file string, line int, cure string) {
		t.Helper()
		main, input := strings.Replace(classic, old, change, 1), strings.Replace(classicInput, old, change, 1)
		findings := File(classicFiles(t, main, input), Options{Env: noEnv})
		for _, g := range findings {
			if g.Rule == rule && filepath.Base(g.File) == file && g.Line == line && strings.Contains(g.Cure, cure) {
				return
			}
		}
		t.Errorf("%s → %s: no %s in %s:%d; found %v", old, change, rule, file, line, findings)
	}
	f("    Workers           1", "    Worker            1", "property", "fluent-bit.conf", 14, "see docs")
	f("    URL   ", "URL   ", "read", "fluent-bit.conf", 13, "indent it")
	f("    URL   ", "\tURL   ", "read", "fluent-bit.conf", 13, "alike")
	f("    URL   ", "      URL ", "read", "fluent-bit.conf", 13, "alike")
	f("    Flush             1", "    Flush", "read", "fluent-bit.conf", 4, "write one behind a blank")
	f("@INCLUDE inputs/*.conf", "    @INCLUDE inputs/*.conf", "include", "fluent-bit.conf", 9, "beginning of the line")
	f("[OUTPUT]", "[OUTPTU]", "read-odd", "fluent-bit.conf", 10, "[OUTPUT]")
	f("@SET ", "@LET ", "read-odd", "fluent-bit.conf", 2, "@SET")
	f("inputs/*.conf", "input/*.conf", "read", "fluent-bit.conf", 9, "correct the pattern")
	f("inputs/*.conf", "plugins.conf", "read", "fluent-bit.conf", 8, "leave it out")
	f("    DB                ${state}/tail.db\n", "", "tail-db", "tail.conf", 1, "NAME.db")
	f("    Name              tail", "    name: tail", "read", "tail.conf", 2, ".yaml")
	f("@SET state=/var/lib/zimbraloki\n", "\n", "unset-variable", "fluent-bit.conf", 6, "--env")
}

func TestWildcard(t *testing.T) {
	f := func(pattern, tag string, want bool) {
		t.Helper()
		if wildcard(pattern, tag) != want {
			t.Errorf("wildcard(%q, %q) is not %v", pattern, tag, want)
		}
	}
	f("*", "a.b", true)
	f("a.*", "a.b.c", true)
	f("a.*", "a", false)
	f("*.log", "x.log", true)
	f("a*c*e", "abcde", true)
	f("a*c*e", "abcd", false)
	f("abc", "abc", true)
}

// TestAllFilesAreRead: parsers_file and plugins_file may be there several times.
func TestAllFilesAreRead(t *testing.T) {
	main := strings.Replace(classic, "    Plugins_File      plugins.conf\n", "    Parsers_File none.conf\n    Parsers_File parsers.conf\n    Plugins_File other.conf\n    Plugins_File plugins.conf\n", 1)
	path := classicFiles(t, main, classicInput+"[INPUT]\n    Name syslog\n    Tag zimbra.x\n    Parser whole\n    Listen 127.0.0.1\n    storage.type filesystem\n")
	dir := filepath.Dir(path)
	put(t, dir, "none.conf", "[PARSER]\n    Name x\n    Format json\n")
	put(t, dir, "parsers.conf", "[PARSER]\n    Name whole\n    Format regex\n    Regex ^(?<log>.*)$\n")
	put(t, dir, "other.conf", "[PLUGINS]\n    Path /usr/lib/flb-in_other.so\n")
	for _, f := range File(path, Options{Env: noEnv}) {
		t.Errorf("%s", &f)
	}
}

func TestSize(t *testing.T) {
	f := func(s string, want int64, ok bool) {
		t.Helper()
		if n, is := size(s); is != ok || ok && n != want {
			t.Errorf("%q: %d, %v", s, n, is)
		}
	}
	// Held against flb_utils_size_to_bytes of Fluent Bit 5.1.1.
	f("32M", 32e6, true)
	f("64KB", 64e3, true)
	f("10g", 10e9, true)
	f("1.5G", 15e8, true)
	f("500", 500, true)
	f("false", 0, true)
	f("10 GB", 0, false)
	f("10 G", 0, false)
	f("10GiB", 0, false)
	f("ten", 0, false)
	f("many", 0, false)
	f("10T", 0, false)
	f("-1", 0, false)
	f("", 0, false)
}

func TestNumbers(t *testing.T) {
	if n, ok := seconds("2m"); n != 120 || !ok {
		t.Errorf("2m is %g s", n)
	}
}

func TestTagsOfInputs(t *testing.T) {
	c := &fbconf.Config{Sections: []*fbconf.Section{
		{Kind: fbconf.Input, Props: []fbconf.Property{{Key: "name", Text: "tail"}, {Key: "tag", Text: "z.*"}, {Key: "path", Text: "/a/b.log, /c/*.log"}}},
		{Kind: fbconf.Input, Props: []fbconf.Property{{Key: "name", Text: "cpu"}}},
		{Kind: fbconf.Input, Props: []fbconf.Property{{Key: "name", Text: "CPU"}}},
		{Kind: fbconf.Input, Props: []fbconf.Property{{Key: "name", Text: "forward"}}},
	}}
	in := inputsOf(c)
	got := strings.Join([]string{strings.Join(in[0].tags, " "), in[1].tags[0], in[2].tags[0]}, " ")
	if got != "z.a.b.log z.c.x.log cpu.0 cpu.1" || !in[3].anyTag {
		t.Errorf("%s, any %v", got, in[3].anyTag)
	}
}
