package settings

import (
	"fmt"
	"strings"
)

// Markdown is the table of all variables, for the documentation.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Settings of the intake\n\nGenerated from the code; a test refuses a stale one (`go test ./settings -update`).\n\n" +
		"Variables of the environment, or of the file that `--settings` names, `NAME=value` in a line. A variable of the environment counts before the file. " +
		"Sizes are a number with B, KiB, MiB, GiB, TiB; times one with s, m, h or d. A secret can lie in a file that `NAME_FILE` names, and so can `DB_URL`, `S3_URL` and `LOKI_URL`, which may hold a password. " +
		"What is marked ¹ has the name that LOGS-COLLECTOR gave it: its compose file serves, but for its default `SECRET_KEY`, which is refused.\n")
	for _, section := range Sections {
		fmt.Fprintf(&b, "\n## %s\n\n| variable | value | default | |\n|---|---|---|---|\n", section)
		for _, v := range Variables {
			if v.Section == section {
				fmt.Fprintf(&b, "| `%s`%s | %s | %s | %s |\n", v.Name, map[bool]string{true: "¹"}[v.Original], v.values(), code(v.Default), v.Doc)
			}
		}
	}
	b.WriteString("\n## Other names of the original\n\n| variable | |\n|---|---|\n")
	for _, o := range Others {
		fmt.Fprintf(&b, "| `%s` | %s |\n", o.Name, o.Doc)
	}
	return b.String()
}

// values says what the variable can be.
func (v Variable) values() string {
	switch v.Kind {
	case kindEnum:
		return "`" + strings.Join(v.Choices, "`, `") + "`"
	case kindInt:
		return fmt.Sprintf("%d to %d", v.Min, v.Max)
	case kindURL:
		return "`" + strings.Join(v.Schemes, "://`, `") + "://`"
	}
	return string(v.Kind)
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
