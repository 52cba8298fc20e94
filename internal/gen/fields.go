package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/chunk"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
)

// fixturePaths are the paths under which the log of a directory of fixtures is
// read, where its lines alone do not tell what they are.
var fixturePaths = map[string]string{
	"audit": "/opt/zimbra/log/audit.log", "mailbox": "/opt/zimbra/log/mailbox.log", "log4j": "/opt/zimbra/log/mailbox.log",
	"sync": "/opt/zimbra/log/sync.log", "activity": "/opt/zimbra/log/activity.log",
	"jettytrace": "/opt/zimbra/log/trace_log.2026_08_02", "zmsetup": "/opt/zimbra/log/zmsetup.log",
	"zimbra-stats": "/var/log/zimbra-stats.log", "postfix": "/var/log/zimbra.log", "amavis": "/var/log/zimbra.log",
	"zimbra-syslog": "/var/log/zimbra.log", "joins": "/var/log/zimbra.log",
}

// seen is what the fixtures show: the metadata of each format, by name.
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
	for _, f := range transform.Fields() {
		vocabulary[f.Name] = true
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.Unit), cell(f.Doc))
	}
	b.WriteString(ownHead)
	own := map[string]bool{}
	for _, f := range transform.OwnFields() {
		own[f.Name] = true
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Name, cell(f.Unit), cell(f.Doc))
	}
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

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

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
	return found, nil
}

func (s seen) read(t *transform.Transform, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b chunk.Builder
	arrival := time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	for line := range strings.Lines(string(data)) {
		b.Record(arrival, "log", strings.TrimRight(line, "\n"), "path", fixturePaths[filepath.Base(filepath.Dir(file))])
	}
	r := t.Begin(file, b.Bytes(), func(e *entry.Entry) {
		if s[e.Format] == nil {
			s[e.Format] = map[string]bool{}
		}
		for _, p := range e.Meta {
			s[e.Format][strings.Clone(p.Name)] = true
		}
	})
	err = transform.Chunk(r, b.Bytes())
	r.Close(true)
	return err
}
