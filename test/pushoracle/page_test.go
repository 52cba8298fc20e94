package pushoracle

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/findings"
	"github.com/zimbraloki/zimbraloki/report"
	"github.com/zimbraloki/zimbraloki/report/page"
)

// hostile are texts that would be more than text on a careless page.
var hostile = []string{
	`<script>alert(1)</script>`,
	`</pre></style></title></svg><script src=//evil.example.net></script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)' x='`,
	"` onload=`alert(1)",
	`javascript:alert(1)`,
	`<!--`, `-->`, `]]><svg onload=alert(1)>`, `<![CDATA[`, `<base href=//evil.example.net>`, `<meta http-equiv=refresh content=0>`,
	`{{.}}{{printf "%s" "<b>"}}`,
	`&lt;script&gt;&#60;img src=x&#62;&#x3c;b&#x3e;`,
	"\u202egnp.exe\u202c \u2066\u2067\u2069", // turns the reading direction
	"\u0000\u0001\u001b[31m\ufeff\ufffe",
	`<template shadowrootmode=open>`, `<plaintext>`, `<frameset>`, `<math><mi xlink:href=javascript:alert(1)>`,
}

// TestPage: whatever logs say, a browser's parser sees the elements and
// attributes that it sees for harmless logs, and nothing of the text steers the
// direction in which its neighbours are read.
func TestPage(t *testing.T) {
	want := elements(t, written(t, "harmless"))
	if len(want) < 500 {
		t.Fatalf("the page has %d elements and attributes only", len(want))
	}
	for _, evil := range hostile {
		text := written(t, evil)
		got := elements(t, text)
		if !slices.Equal(got, want) {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			t.Errorf("%q: the page has %d elements and attributes, not %d; the first that differs: %q", evil, len(got), len(want), slices.Concat(got[i:], []string{"(end)"})[0])
		}
		if i := strings.IndexFunc(text, steers); i >= 0 {
			t.Errorf("%q: %q is on the page", evil, text[i:i+8])
		}
		if len(text) > 1<<20 {
			t.Errorf("%q: the page has %d bytes", evil, len(text))
		}
	}
}

// TestPageSize: many long values of everything do not make the page large.
func TestPageSize(t *testing.T) {
	c := collector(t)
	for i := range 400 {
		see(c, strings.Repeat("<&\"'", 200)+fmt.Sprint(i), i)
	}
	text := rendered(t, c, strings.Repeat("<", 100))
	if len(text) > 1<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
}

func steers(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c || r < ' ' && r != '\n' && r != '\t' || r == 0x7f
}

// elements are those of the page with their attributes, as a browser builds them.
func elements(t *testing.T, text string) (list []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		switch n.Type {
		case html.ElementNode:
			list = append(list, "<"+n.Data)
			for _, a := range n.Attr {
				list = append(list, a.Namespace+" "+a.Key+"="+a.Val)
			}
		case html.CommentNode:
			list = append(list, "comment")
		}
	}
	return list
}

func collector(t *testing.T) *report.Collector {
	t.Helper()
	c, err := report.New(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// written is the page of logs that say text wherever they can.
func written(t *testing.T, text string) string {
	t.Helper()
	c := collector(t)
	for i := range 60 {
		see(c, text, i)
	}
	return rendered(t, c, text)
}

func rendered(t *testing.T, c *report.Collector, text string) string {
	t.Helper()
	r := c.Report([]string{text + ": cannot be read"})
	if len(r.Findings) < 20 || len(r.Fatal) == 0 {
		t.Fatalf("%d findings, %d FATAL: too few to try the page", len(r.Findings), len(r.Fatal))
	}
	var b bytes.Buffer
	if err := page.HTML(&b, r, page.Options{Title: text, Lang: "en", Location: time.UTC, Ask: text}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// see gives the collector an entry of each kind that findings look for, with
// text in its line, host, log and metadata.
func see(c *report.Collector, text string, i int) {
	at := time.Date(2026, 11, 23, 0, 0, i, 0, time.UTC).UnixNano()
	for _, k := range kinds {
		labels := []entry.Pair{{Name: "host", Value: text}, {Name: "job", Value: "zimbra"}}
		meta := []entry.Pair{}
		for _, p := range strings.Fields(k.labels) {
			name, value, _ := strings.Cut(p, "=")
			labels = append(labels, entry.Pair{Name: name, Value: value})
		}
		named := map[string]bool{}
		for _, p := range strings.Fields(k.meta) {
			name, value, _ := strings.Cut(p, "=")
			meta = append(meta, entry.Pair{Name: name, Value: value})
			named[name] = true
		}
		for _, f := range findings.All {
			for _, name := range f.By {
				if !named[name] && !slices.ContainsFunc(labels, func(p entry.Pair) bool { return p.Name == name }) {
					named[name] = true
					meta = append(meta, entry.Pair{Name: name, Value: text})
				}
			}
		}
		for _, name := range []string{"reason", "error", "queue_id"} {
			if !named[name] {
				meta = append(meta, entry.Pair{Name: name, Value: text})
			}
		}
		c.See(&entry.Entry{Time: at, Labels: interned(labels), Line: k.line + " " + text, More: []string{"\tat " + text}, Meta: meta, Format: text})
	}
}

// labelSets are interned, as those of the transform are.
var labelSets = map[string]*entry.Labels{}

func interned(pairs []entry.Pair) *entry.Labels {
	key := fmt.Sprint(pairs)
	if labelSets[key] == nil {
		labelSets[key] = &entry.Labels{Pairs: pairs}
	}
	return labelSets[key]
}

var kinds = []struct{ labels, meta, line string }{
	{"log=mailbox level=fatal", "", "java.lang.OutOfMemoryError"},
	{"log=mailbox level=error", "component=soap duration_ms=9000 exception=x", "Too many open files"},
	{"log=mailbox level=warn", "component=misc", "version= builddate= No space left on device"},
	{"log=mailbox level=warn", "", "Disk warning: Could not establish a connection to the database Deadlock found when trying to get lock"},
	{"log=mailbox level=warn", "", "Can't contact LDAP server; the certificate has expired"},
	{"log=audit level=warn", "outcome=lockout action=Auth", ""},
	{"log=audit level=warn", "outcome=failure action=Auth admin_port=true", ""},
	{"log=zimbra service_name=zimbramon level=info", "action=status status=Stopped", ""},
	{"log=zimbra service_name=postfix level=info", "action=queue size=1000", ""},
	{"log=zimbra service_name=postfix level=info", "action=deliver outcome=success delay=1000s", ""},
	{"log=zimbra service_name=postfix level=info", "action=deliver outcome=deferred", "ALL VIRUS SCANNERS FAILED"},
	{"log=zimbra service_name=postfix level=info", "action=deliver outcome=bounced", ""},
	{"log=zimbra service_name=postfix level=info", "action=reject outcome=rejected", ""},
	{"log=zimbra service_name=amavis level=info", "category=SPAM", ""},
	{"log=zimbra service_name=opendkim level=info", "outcome=failure", ""},
}
