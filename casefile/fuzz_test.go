package casefile

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
)

// FuzzVerify: no file makes Verify panic, and every fault is a line of its own.
func FuzzVerify(f *testing.F) {
	good := written(f, aCase(false))
	f.Add(good)
	f.Add(written(f, aCase(true)))
	f.Add(good[:len(good)/2])
	f.Add([]byte(strings.Replace(string(good), "lines.csv", "lines.log", 1)))
	f.Fuzz(func(t *testing.T, file []byte) {
		list, lines, err := Verify(bytes.NewReader(file), int64(len(file)), aCase(false).Sources, opener)
		if err != nil && (lines != 0 || list != nil) || lines < 0 || len(list) > maxFaults+1 {
			t.Errorf("%v, %d lines, %d faults", err, lines, len(list))
		}
	})
}

// FuzzTables: what passes is proved: each row's bytes stand in the log, and an
// unchanged line stands in the case file.
func FuzzTables(f *testing.F) {
	for _, raw := range []bool{false, true} {
		m := unpacked(f, written(f, aCase(raw)))
		f.Add(m[tableFile], m[linesFile], m[sources])
		f.Add(strings.ReplaceAll(m[tableFile], ",0,", ",9223372036854775807,"), m[linesFile], m[sources])
		f.Add(strings.ReplaceAll(m[tableFile], ",11,", ",-1,"), m[linesFile], "")
		f.Add(m[tableFile], "", m[sources])
	}
	f.Fuzz(func(t *testing.T, table, lines, from string) {
		m := map[string]string{firstPage: "", timeline: "", linesFile: lines, tableFile: table, sources: from}
		file := packed(t, m)
		list, n, err := Verify(bytes.NewReader(file), int64(len(file)), aCase(false).Sources, opener)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 || n == 0 {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(rows) != n+1 {
			t.Fatalf("%d rows passed, there are %d, %v", n, len(rows)-1, err)
		}
		for _, r := range rows[1:] {
			get := func(name string) string {
				for i, h := range rows[0] {
					if h == name {
						return unguard(r[i])
					}
				}
				return ""
			}
			number := func(name string) int { n, _ := strconv.Atoi(get(name)); return n }
			at, size := number("offset"), number("length")
			if get("source") != "logs/a.log" || at+size > len(log) || !strings.EqualFold(Sum([]byte(log[at:at+size])), get("sha256")) {
				t.Fatalf("passed: %q", r)
			}
			at, size = number("stored_offset"), number("stored_length")
			if get("changed") == "false" && Sum([]byte(lines[at:at+size])) != get("sha256") {
				t.Fatalf("passed as unchanged: %q", r)
			}
		}
	})
}
