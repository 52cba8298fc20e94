package casefile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

const log = "first line\nsecond, with a password\r\nthird\n\tof two lines\nfourth\n"

// aCase has three of the entries of log.
func aCase(raw bool) *Case {
	line := func(number int, text, shown string, fields ...Field) Line {
		return Line{
			Time: time.Unix(int64(number), 5000).UTC(), Host: "mail", Source: "logs/a.log", Offset: int64(strings.Index(log, text)), Number: number,
			Raw: []byte(text), Shown: shown, Fields: fields,
		}
	}
	return &Case{
		Raw: raw, Command: "zimbraloki export", Version: "test", Zone: time.UTC,
		Sources: []Source{{"logs/a.log", false, int64(len(log)), Sum([]byte(log))}, {"logs/a.log", true, int64(len(log)), Sum([]byte(log))}},
		Lines: []Line{
			line(3, "third\n\tof two lines\n", "third\n\tof two lines", Field{"user", "=anna"}, Field{"number", "field"}),
			line(1, "first line\n", "first line", Field{"user", "label"}, Field{"user", "bob\n\"x\""}),
			line(2, "second, with a password\r\n", "second, with a ***", Field{"to", "-1"}),
		},
	}
}

func written(t testing.TB, c *Case) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpacked(t testing.TB, file []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members[f.Name] = string(b)
	}
	return members
}

// packed is a zip of members, with a manifest that fits them unless there is one.
func packed(t testing.TB, members map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	put := func(name, text string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sums := ""
	for _, name := range slices.Sorted(maps.Keys(members)) {
		put(name, members[name])
		sums += Sum([]byte(members[name])) + "  " + name + "\n"
	}
	if _, ok := members[manifest]; !ok {
		put(manifest, sums)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opener(name string) (io.ReadCloser, error) {
	if name != "logs/a.log" {
		return nil, errors.New("it is not there")
	}
	return io.NopCloser(strings.NewReader(log)), nil
}

func faults(t testing.TB, file []byte) string {
	t.Helper()
	list, lines, err := Verify(bytes.NewReader(file), int64(len(file)), aCase(false).Sources, opener)
	if err != nil {
		return err.Error()
	}
	if lines != 3 {
		list = append(list, fmt.Sprintf("%d lines", lines))
	}
	return strings.Join(list, "; ")
}

func TestWrite(t *testing.T) {
	for _, raw := range []bool{false, true} {
		file := written(t, aCase(raw))
		if !bytes.Equal(file, written(t, aCase(raw))) {
			t.Error("the same case gives other bytes")
		}
		if s := faults(t, file); s != "" {
			t.Error(s)
		}
		m := unpacked(t, file)
		want := "first line\nsecond, with a ***\nthird\n\tof two lines\n"
		if raw {
			want = "first line\nsecond, with a password\r\nthird\n\tof two lines\n"
		}
		if m[linesFile] != want || strings.Contains(m[firstPage], "UNREDACTED") != raw {
			t.Errorf("raw %v: %q\n%s", raw, m[linesFile], m[firstPage])
		}
		for _, want := range []string{
			"number,time,host,source,offset,length,line,sha256,changed,stored_offset,stored_length,number,to,user\n",
			",field,,'=anna\n", ",,'-1,\n", ",,,\"bob\n\"\"x\"\"\"\n", "1,1970-01-01T00:00:01.000005Z,mail,logs/a.log,0,11,1,",
		} {
			if !strings.Contains(m[tableFile], want) {
				t.Errorf("no %q in\n%s", want, m[tableFile])
			}
		}
	}
}

// TestVerify: whatever is changed is named.
func TestVerify(t *testing.T) {
	good := unpacked(t, written(t, aCase(false)))
	f := func(want string, change func(m map[string]string)) {
		t.Helper()
		m := maps.Clone(good)
		delete(m, manifest) // of what it is after the change
		change(m)
		if got := faults(t, packed(t, m)); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	replace := func(name, old, text string) func(map[string]string) {
		return func(m map[string]string) {
			if !strings.Contains(m[name], old) {
				t.Fatalf("no %q in %s", old, m[name])
			}
			m[name] = strings.Replace(m[name], old, text, 1)
		}
	}
	f("", func(map[string]string) {})
	f("lines.log was altered", func(m map[string]string) {
		m[manifest] = good[manifest]
		m[linesFile] += "x"
	})
	f("case file: entry 1 is not as it was written", replace(linesFile, "first", "worst"))
	f("lines that no entry has", func(m map[string]string) { m[linesFile] += "x\n" })
	f("entry 3 is not at byte 37", replace(tableFile, ",36,", ",37,"))
	f("entry 3 is not at byte 9000", replace(tableFile, ",36,", ",9000,"))
	f("entry 3: overlaps another", replace(tableFile, ",36,", ",-36,"))
	f("entry 1 is not as it was written", replace(tableFile, "false,0,11", "false,1,9223372036854775807"))
	f("entry 1 is not as it was written", replace(tableFile, "false,0,11", "false,0,-1"))
	f("entry 1 is not at byte 0", replace(tableFile, ",0,11,1,", ",0,9223372036854775807,1,"))
	f(`"logs/b.log" cannot be read: it is not there`, replace(tableFile, "logs/a.log", "logs/b.log"))
	f(`source "logs/b.log" is missing`, replace(sources, "logs/a.log", "logs/b.log"))
	f(`member "logs/a.log" was changed`, replace(sources, "member,63,5", "member,63,6"))
	f("lines.csv cannot be read", replace(tableFile, "\n", "\n\"open"))
	f("lines.csv cannot be read: a row is too long", replace(tableFile, "\n", "\n\""+strings.Repeat("x", maxRow+4096)))
	f("timeline.txt", func(m map[string]string) { delete(m, timeline) })
	f(`"more.txt" is no part of one`, func(m map[string]string) { m["more.txt"] = "x" })
	f(`"more.txt" was added`, func(m map[string]string) {
		m[manifest] = good[manifest]
		m["more.txt"] = "x"
	})
	f("more than 1048576 bytes", func(m map[string]string) { m[manifest] = strings.Repeat("x\n", maxManifest) })
	f("names \"lines.log\" twice", func(m map[string]string) { m[manifest] = good[manifest] + good[manifest] })
	if got := faults(t, []byte("no zip")); !strings.HasPrefix(got, "not a case file") {
		t.Error(got)
	}
	if got := faults(t, packed(t, map[string]string{manifest: ""})); !strings.Contains(got, "does not name lines.log") {
		t.Error(got)
	}
}

// TestTwice: a second member of a name, which another program may show, is named.
func TestTwice(t *testing.T) {
	file := written(t, aCase(false))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	old, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old.File {
		if err := z.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := z.Create(linesFile); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if got := faults(t, b.Bytes()); got != `case file: "lines.log" is there twice` {
		t.Error(got)
	}
}

// TestBounded: a large member that packs to little is read without being held.
func TestBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("verifies a member of 96 MB: not with -short")
	}
	m := unpacked(t, written(t, aCase(false)))
	delete(m, manifest)
	m[linesFile] += strings.Repeat("x", 96<<20)
	file := packed(t, m)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := faults(t, file)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; got != "case file: lines.log has lines that no entry has" || n > 16<<20 {
		t.Errorf("%d bytes were allocated; %s", n, got)
	}
}
