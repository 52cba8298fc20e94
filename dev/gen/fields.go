package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// fixturePaths are the paths under which the log of a directory of fixtures is
// read, where its lines alone do not tell what they are.
var fixturePaths = func() map[string]string {
	m := map[string]string{"log4j": mailboxPath, "sync": "/opt/zimbra/log/sync.log", "joins": "/var/log/zimbra.log"}
	for _, f := range transform.Formats() {
		if f.Fixture.Path != "" {
			m[path.Dir(f.Fixture.File)] = f.Fixture.Path
		}
	}
	return m
}()

// seen is what the fixtures show: the metadata of each format, by name, and
// "name=value" for what valued names.
type seen map[string]map[string]bool

// fieldsMarkdown writes docs/fields.md: the vocabulary as the code declares it,
// and for each format the fields that its fixtures give when they are parsed.
func fieldsMarkdown(root string) ([]byte, error) {
	found, err := readFixtures(root)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(fieldsHead)
	vocabulary := map[string]bool{}
	for _, f := range format.Fields() {
		vocabulary[f.Name] = true
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.Unit), cell(f.Doc))
	}
	b.WriteString(ownHead)
	own := map[string]bool{}
	for _, f := range format.OwnFields() {
		own[f.Name] = true
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.Unit), cell(f.Doc))
	}
	b.WriteString(numbersMarkdown())
	b.WriteString(cimMarkdown())
	b.WriteString(formatsHead)
	for _, f := range transform.Formats() {
		fmt.Fprintf(&b, "### %s\n\n%s.\n\n", f.Name, sentence(f.Doc))
		if names := found.names(f.Name, vocabulary, own); names != "" {
			fmt.Fprintf(&b, "%s\n\n", names)
		}
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

const fieldsHead = `# Fields

Generated from the code and its fixtures by ` + "`make generate`" + `.

Labels, the same for all formats: ` + "`job`, `host`, `service_name`, `log`, `level`" + ` (absent where a line has no level), ` + "`container`" + ` for containers, ` + "`exporter`" + ` for events of Visiology, ` + "`late`" + ` and ` + "`late_hour`" + ` for what Loki refused in its own stream for being too far behind. Everything else is structured metadata.

## The vocabulary

One name means the same in every format, so one query follows a person, an address or a request through all logs. A field that a line does not give is not set.

| field | value | meaning |
|---|---|---|
`

const ownHead = `
## Besides the vocabulary

What only one or two formats have. What a log itself names (the attributes of a command in audit.log, the columns of zmstat, keys that no parser knows) is passed on under its own name; one that is taken gets ` + "`x_`" + ` before it.

| field | value | meaning |
|---|---|---|
`

const formatsHead = `
## Formats

What the lines of each format can give.

`

func cell(s string) string { return strings.NewReplacer("|", "\\|", "<", "\\<").Replace(s) }

// sentence begins s with a capital, unless it begins with the name of a file.
func sentence(s string) string {
	if word, _, _ := strings.Cut(s, " "); strings.ContainsAny(word, "._") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// names lists the fields of a format, the vocabulary first.
func (s seen) names(format string, vocabulary, own map[string]bool) string {
	list := func(of map[string]bool) string {
		var names []string
		for n := range s[format] {
			if of[n] {
				names = append(names, "`"+n+"`")
			}
		}
		slices.Sort(names)
		return strings.Join(names, ", ")
	}
	text := list(vocabulary)
	if more := list(own); more != "" {
		text += "\n\nBesides: " + more
	}
	return text
}

// valued are the fields whose values the fixtures are asked for: outcomes and
// numbers.
var valued = func() map[string]bool {
	m := map[string]bool{"outcome": true}
	for _, f := range append(format.Fields(), format.OwnFields()...) {
		if _, ok := f.Number(); ok {
			m[f.Name] = true
		}
	}
	return m
}()

func readFixtures(root string) (seen, error) {
	files, err := filepath.Glob(filepath.Join(root, "transform/testdata/*/*.*"))
	if err != nil {
		return nil, err
	}
	found := seen{}
	t := transform.New(transform.Options{Location: time.UTC, Host: "mail"})
	for _, f := range files {
		if ext := filepath.Ext(f); ext != ".log" && ext != ".jsonl" {
			continue
		}
		if err := found.read(t, f); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	if err := found.chunk(t, "envelopes", envelopes()); err != nil {
		return nil, err
	}
	short := transform.New(transform.Options{Location: time.UTC, Host: "mail", MaxLineBytes: 100})
	return found, found.chunk(short, "long", lines(mailboxPath, strings.Repeat("a line that is longer than Loki takes ", 9)))
}

const mailboxPath = "/opt/zimbra/log/mailbox.log"

// arrival is when the fixtures arrive.
var arrival = time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC).UnixNano()

// lines makes a chunk of lines of one file.
func lines(path string, text ...string) []byte {
	var b chunk.Builder
	for _, line := range text {
		b.Record(arrival, "log", line, "path", path)
	}
	return b.Bytes()
}

// envelopes is a chunk with what the ways give that lines come by: Kubernetes,
// Docker's fluentd driver and OpenTelemetry.
func envelopes() []byte {
	const mailbox = "2026-08-02 16:49:04,242 INFO  [main] [] soap - NoOpRequest elapsed=1"
	const planr = `{"client_ip":"192.0.2.1","command_name":"space.list","container_name":"/planr_ru-main-1","request_source":"main","time":1785678544000,"trace_id":"t","user_login":"a@example.org"}`
	const event = "OperationName:SaveDashboard with AccessType:Write on ObjectType:Dashboard completed by User:ivanov with OperationStatus:Success"
	var b chunk.Builder
	for _, line := range []string{mailbox, planr, "2026-08-02 16:49:04 WARN slow", `{"timestamp":"2026-08-02T16:49:04Z","level":"info","message":"x"}`, "text"} {
		b.Record(arrival, "log", line, "stream", "stdout", "kubernetes",
			chunk.KV{"pod_name", "web-0", "namespace_name", "mail", "host", "node1", "container_name", "web", "docker_id", "0a1b2c3d4e5f"})
		b.Record(arrival, "log", line, "source", "stderr", "container_id", "0a1b2c3d4e5f", "container_name", "/web-1")
	}
	b.GroupStart(chunk.KV{"schema", "otlp", "resource_id", 0, "scope_id", 0}, chunk.KV{
		"resource",
		chunk.KV{"attributes", chunk.KV{"service.name", "dashboard-service", "host.name", "v1.example.org"}},
		"scope",
		chunk.KV{"name", "Visiology.Audit"},
	})
	b.RecordMeta(arrival, chunk.KV{"otlp", chunk.KV{"severity_number", 9, "severity_text", "Information"}}, "log", event)
	b.GroupEnd()
	return b.Bytes()
}

func (s seen) read(t *transform.Transform, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b chunk.Builder
	for line := range strings.Lines(string(data)) {
		b.Record(arrival, "log", strings.TrimRight(line, "\n"), "path", fixturePaths[filepath.Base(filepath.Dir(file))])
	}
	return s.chunk(t, file, b.Bytes())
}

// chunk keeps the names of the metadata that a chunk gives.
func (s seen) chunk(t *transform.Transform, tag string, data []byte) error {
	r := t.Begin(tag, data, func(e *entry.Entry) {
		if s[e.Format] == nil {
			s[e.Format] = map[string]bool{}
		}
		for _, p := range e.Meta {
			s[e.Format][strings.Clone(p.Name)] = true
			if valued[p.Name] {
				s[e.Format][p.Name+"="+p.Value] = true
			}
		}
	})
	err := transform.Chunk(r, data)
	r.Close(true)
	return err
}
