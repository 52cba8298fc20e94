package main

import (
	"bytes"
	"fmt"

	"github.com/zimbraloki/zimbraloki/transform"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

const outcomesHead = `# Outcomes

Generated from the code by ` + "`make generate`" + `; a test holds it against the fixtures.

The field ` + "`outcome`" + ` says how a thing ended. It is a judgement, so it is set only where the line itself says so: a line without it has not failed and has not succeeded, it tells of something else or of something that is not over. The set is closed, and ` + "`zimbraloki_outcomes_total`" + ` counts each.

## What they mean

| outcome | meaning |
|---|---|
`

const outcomesPrograms = `
To find guessed passwords ask for ` + "`action=~\".*Auth\" | outcome=\"failure\"`" + `: the action of a login is ` + "`Auth`" + `, and in Zimbra's own logs what it calls the way in: ` + "`AdminAuth` (the administrator's console), `PreAuth`, `SSOAuth`, `SpnegoAuth`, `CertAuth`" + `. What a limit turned away before a password was looked at is ` + "`rejected`" + `.

## The rule for each log

A log that is not here gives no outcome.

`

// outcomesMarkdown writes docs/outcomes.md: what each outcome means, and when a
// format gives it.
func outcomesMarkdown(string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(outcomesHead)
	for _, o := range format.Outcomes() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", o.Name, cell(o.Doc))
	}
	b.WriteString(outcomesPrograms)
	for _, f := range transform.Formats() {
		if len(f.Outcomes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n%s.\n\n| outcome | when |\n|---|---|\n", f.Name, sentence(f.Doc))
		for _, o := range f.Outcomes {
			fmt.Fprintf(&b, "| `%s` | %s |\n", o.Value, cell(o.When))
		}
		b.WriteString("\n")
	}
	return b.Bytes(), nil
}
