package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

const formatsDocHead = `# Formats

Generated from the code and its fixtures by ` + "`make generate`" + `. Each example is a line of the tests, with what is read from it. [Fields](fields.md) says what the names mean; ` + "`zimbraloki explain`" + ` shows the same for lines of your own.
`

// unparsedDoc states what a test counts where real lines are at hand (transform,
// TestCorpusUnparsed).
const unparsedDoc = `## What stays unparsed

A line that no parser knows is delivered as it is, with ` + "`format=\"unparsed\"`" + `. Of 465 real lines of Zimbra's and Carbonio's logs that administrators have made public, 1 ends there; of no kind of log more than 1 %:

| lines | what | why |
|---|---|---|
| 1 | the rest of a Postfix line that was torn in the middle | it has neither header nor time |

What else is not read to its end is marked so:

| lines | what | how it goes out |
|---|---|---|
| 3 | log4j lines that have lost their beginning: no time, no level | context, logger and message are read, ` + "`format=\"partly\"`" + `; the time is that of the arrival |
| 15 | two stack traces of mailboxd without their head, 15 lines | two entries of the format continuation |
| 2 | log4j heads that a forum or pager has damaged | what is whole is read, ` + "`format=\"partly\"`" + ` |

Lines are counted, not entries; empty lines are not.
`

// formatsMarkdown writes docs/formats.md.
func formatsMarkdown(root string) ([]byte, error) {
	var b bytes.Buffer
	var errs []error
	b.WriteString(formatsDocHead)
	for _, f := range transform.Formats() {
		errs = append(errs, writeFormat(&b, root, f))
	}
	b.WriteString("\n" + unparsedDoc)
	return b.Bytes(), errors.Join(errs...)
}

// writeFormat writes what docs/formats.md says of a format, with the example of
// its fixture as it is read.
func writeFormat(b *bytes.Buffer, root string, f *format.Spec) error {
	fmt.Fprintf(b, "\n## %s\n\n%s.\n\nWritten by %s.\n", f.Name, sentence(f.Doc), f.From)
	found := false
	err := fixtureEntries(root, &f.Fixture, func(e *entry.Entry) {
		if found || e.Format != f.Name || !strings.Contains(e.Line, f.Fixture.Example) {
			return
		}
		found = true
		writeExample(b, e)
	})
	if err == nil && !found {
		err = fmt.Errorf("no entry of the format %s with %q in %s", f.Name, f.Fixture.Example, f.Fixture.File)
	}
	if f.Sample {
		fmt.Fprintf(b, "\n```logql\n%s\n```\n", f.Question)
	} else {
		fmt.Fprintf(b, "\nAsk: `%s`\n", f.Question)
	}
	if f.Traps != "" {
		fmt.Fprintf(b, "\n%s\n", f.Traps)
	}
	return err
}

// fixtureEntries transforms the lines of a fixture.
func fixtureEntries(root string, f *format.Fixture, emit func(*entry.Entry)) error {
	data, err := os.ReadFile(filepath.Join(root, "transform", "testdata", filepath.FromSlash(f.File)))
	if err != nil {
		return err
	}
	var text []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\n"); !f.Alone || strings.Contains(line, f.Example) {
			text = append(text, line)
		}
	}
	t := transform.New(transform.Options{Location: time.UTC, Host: "mail", NoMails: true})
	c := lines(f.Path, text...)
	r := t.Begin("docs", c, emit)
	defer r.Close(true)
	return transform.Chunk(r, c)
}

// writeExample shows an entry as explain does, long lines cut.
func writeExample(b *bytes.Buffer, e *entry.Entry) {
	b.WriteString("\n```text\n")
	for _, line := range append([]string{e.Line}, e.More...) {
		b.WriteString(cutText(line, 400) + "\n")
	}
	fmt.Fprintf(b, "\n%s\n", e.Labels.Text)
	for _, p := range e.Meta {
		fmt.Fprintf(b, "  %-18s %s\n", p.Name, cutText(p.Value, 160))
	}
	b.WriteString("```\n")
}

func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
