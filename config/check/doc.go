package check

import (
	"bytes"
	"fmt"
)

const docHead = `<!-- Generated from config/check/rules.go by "go run ./dev/gen"; edit that. -->

# zimbraloki check

` + "```sh" + `
zimbraloki check /etc/fluent-bit/fluent-bit.yaml
` + "```" + `

reads a configuration of Fluent Bit, YAML or classic, with its includes, its ` + "`plugins_file` and `parsers_file`" + ` and the environment, and says what is wrong with it, where, and what to do. Fluent Bit's own dry run does not see these mistakes: it never asks a Go plugin about its keys, and a configuration that loses lines starts as well as any other.

- **error**: Fluent Bit does not start, or lines are lost or hidden in ordinary operation: an outage of Loki, a restart, a rotation.
- **warning**: lines are lost or doubled in rare cases, or it costs.
- **hint**: worth knowing.

` + "`zimbraloki check -`" + ` reads standard input, such as what ` + "`kubectl get configmap`" + ` prints. A file that is none of Fluent Bit's (a manifest of Kubernetes, values of Helm, a file of Compose, a binary) is named in one sentence.

It ends with 0 if there is no error, with 1 if there is one (` + "`--strict`" + `: or a warning), with 2 if it was called wrongly. ` + "`-o json`" + ` prints one object a line. Run it as the user that runs Fluent Bit, because it tries the files and directories that the configuration names; it changes nothing. ` + "`--no-files`" + ` leaves that out, for a configuration that is meant for another machine. ` + "`--env NAME=VALUE` and `--env-file FILE`" + ` stand for the environment that Fluent Bit will have; a file has the form of systemd's EnvironmentFile.

What an error in the properties themselves is, [the table of properties](configuration.md) says.

| rule | | finds |
|---|---|---|
`

// Markdown returns docs/check.md.
func Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(docHead)
	for i := range rules {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", rules[i].Name, rules[i].severity, rules[i].Doc)
	}
	return b.Bytes()
}
