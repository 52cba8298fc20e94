package config

import (
	"bytes"
	"fmt"
	"strings"
)

// docsIntro stands in front of the generated part of docs/configuration.md.
const docsIntro = `<!-- Generated from config/table.go by "go run ./dev/gen"; edit that. -->

# Configuration

Everything zimbraloki can be told stands in its output section. YAML:

` + "```yaml" + `
plugins:
  - /usr/lib/zimbraloki/zimbraloki.so
pipeline:
  outputs:
    - name: zimbraloki
      match: '*'
      url: ${LOKI_URL}
      labels: job=zimbra, host=$HOSTNAME, env=prod
      workers: 1
      retry_limit: no_limits
` + "```" + `

The classic form takes the same keys, with blanks for the colons, and names the shared object in a
` + "`plugins_file`" + `. Whole examples are in [conf/fluent-bit](../conf/fluent-bit).

Each value is checked at start. If one cannot be used, Fluent Bit does not start, and the log names everything that is
wrong at once: the key, the value, what is allowed, and the cure.

`

// docsValues explains how values are written.
const docsValues = `## How values are written

| kind | written as |
|---|---|
| string | as it is; white space around it does not count |
| integer | digits |
| size | bytes (` + "`262144`" + `); ` + "`K`, `M`, `G`" + ` for 1000, 1000², 1000³, as everywhere in Fluent Bit; ` + "`KiB`, `MiB`, `GiB`" + ` for 1024, 1024², 1024³, as Loki counts |
| duration | seconds (` + "`4`" + `), or with units: ` + "`500ms`, `4s`, `2m`, `1h30m`, `7d`" + ` |
| boolean | ` + "`on`, `true`, `yes`, or `off`, `false`, `no`" + ` |
| list | ` + "`a, b, c`" + ` |
| pairs | ` + "`name=value, name=value`; a value with a comma in double quotes, `\\\"` and `\\\\` inside" + ` |
| choice | one of the words listed |
| path | absolute |
| secret | as it is; shown as ` + "`***`" + ` wherever it is printed |
| header | ` + "`Name: value`" + ` |
| address | ` + "`host:port`" + `; ` + "`:port`" + ` for all addresses of the machine, ` + "`[::1]:port`" + ` for IPv6 |
| time zone | a name of the IANA database |

The case of keys does not matter. An empty value counts as not written, so ` + "`${NAME}`" + ` of an environment variable that is not
set gives the default. Fluent Bit hands a plugin only the first of several equal keys, and only the first element of a
YAML list: write lists with commas.

`

// docsReserved explains what Fluent Bit does not pass on.
const docsReserved = `## Keys that Fluent Bit keeps for itself

These work as in every output, but the plugin never sees them: ` + "`match`, `match_regex`, `alias`, `log_level`,\n`log_suppress_interval`, `retry_limit`, `workers`, `storage.total_limit_size`" + `.

These have no effect on zimbraloki, or stop Fluent Bit from starting (` + "`tls on`" + `): ` + "`host`, `port`, `ipv6`, `tls`, `tls.*`, `net.*`,\n`oauth2*`, `_debug.http.*`" + `. Write ` + "`url`" + ` and ` + "`tls_…`" + ` instead.

Set ` + "`workers 1`" + `: without it a flush runs in Fluent Bit's main loop, and all inputs and outputs wait for Loki. Set
` + "`retry_limit no_limits`" + `: Fluent Bit's default throws a chunk away after its second failure.

`

// docsForeign introduces the names of other outputs.
const docsForeign = `## Coming from another output

zimbraloki refuses keys of other Loki outputs that it does not have, and keys that are one slip away from one it has, with
a word on what to write instead.

`

// Markdown returns docs/configuration.md: all that the table knows.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(docsIntro)
	writeOverview(&b)
	b.WriteString(docsValues)
	section := ""
	for i := range fields {
		if fields[i].Section != section {
			section = fields[i].Section
			fmt.Fprintf(&b, "## %s\n\n", section)
		}
		fields[i].writeDoc(&b)
	}
	b.WriteString(docsReserved)
	b.WriteString(docsForeign)
	writeForeign(&b)
	return b.Bytes()
}

// writeOverview lists every property in one line each.
func writeOverview(b *bytes.Buffer) {
	b.WriteString("## All properties\n\n| property | default | |\n|---|---|---|\n")
	for i := range fields {
		f := &fields[i]
		short, _, _ := strings.Cut(f.Doc, ". ")
		fmt.Fprintf(b, "| [`%s`](#%s) | %s | %s |\n", f.Name, f.Name, f.defaultText(), strings.TrimSuffix(short, "."))
	}
	b.WriteString("\n")
}

// defaultText is the default as the documentation writes it.
func (f *Field) defaultText() string {
	switch {
	case f.DefaultText != "":
		return f.DefaultText
	case f.Default != "":
		return "`" + f.Default + "`"
	}
	return "none"
}

// writeDoc describes one property.
func (f *Field) writeDoc(b *bytes.Buffer) {
	fmt.Fprintf(b, "### %s\n\n%s\n\n", f.Name, f.Doc)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(b, "- %s: %s\n", name, text)
		}
	}
	line("kind", string(f.Kind))
	line(f.unitWord(), f.Unit)
	line("allowed", codeList(f.Allowed))
	if f.Max > 0 {
		line("range", fmt.Sprintf("%s to %s", f.formatNumber(f.Min), f.formatNumber(f.Max)))
	} else if f.Min > 0 {
		line("range", "from "+f.formatNumber(f.Min))
	}
	line("default", f.defaultText())
	if f.Example != "" {
		line("example", "`"+f.Name+" "+f.Example+"`")
	}
	line("also called", codeList(f.Aliases))
	b.WriteString("\n")
}

// unitWord is what Unit says: the unit of a number, or the form of a text.
func (f *Field) unitWord() string {
	switch f.Kind {
	case KindInt, KindSize, KindDuration:
		return "unit"
	}
	return "form"
}

// writeForeign lists the names of other outputs: those that are taken, and
// those that are not.
func writeForeign(b *bytes.Buffer) {
	for _, origin := range []struct {
		title string
		keys  []foreignKey
	}{
		{"Fluent Bit's loki", foreignLoki},
		{"Grafana's grafana-loki", foreignGrafana},
	} {
		fmt.Fprintf(b, "| %s | zimbraloki |\n|---|---|\n", origin.title)
		for _, k := range origin.keys {
			fmt.Fprintf(b, "| `%s` | %s |\n", k.name, k.advice())
		}
		b.WriteString("\n")
	}
	b.WriteString("`TenantID`, `LabelKeys`, `Labels`, `BatchSize`, `Timeout`, `LogLevel`, `ca_file`, `cert_file` and `key_file` of grafana-loki are taken as they are, " +
		"and so are `tenant_id`, `tenant_id_key`, `labels` and `label_keys` with fixed values, `http_user`, `http_passwd`, `bearer_token`, `header` and `compress` of Fluent Bit's loki. " +
		"`zimbraloki check` says of each key of a configuration what becomes of it ([its rules](check.md)).\n")
}

// advice says in one cell what to do about k.
func (k foreignKey) advice() string {
	if k.nearest == "" {
		return k.cure
	}
	if k.cure == "" {
		return "`" + k.nearest + "`"
	}
	return "`" + k.nearest + "`. " + k.cure
}

// codeList sets words in code quotes.
func codeList(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "`" + strings.Join(words, "`, `") + "`"
}
