package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/zimbraloki/zimbraloki/observe/dash"
)

// provisioned is what the test reads of the data sources.
type provisioned struct {
	Datasources []struct {
		UID      string
		JSONData struct {
			DerivedFields []derivedField `yaml:"derivedFields"`
		} `yaml:"jsonData"`
		Correlations []correlation
	}
}

type derivedField struct {
	Name, URL     string
	MatcherType   string `yaml:"matcherType"`
	MatcherRegex  string `yaml:"matcherRegex"`
	DatasourceUID string `yaml:"datasourceUid"`
}

type correlation struct {
	Label  string
	Config struct {
		Field  string
		Target struct{ Expr string }
	}
}

func loadProvisioned(t *testing.T) ([]derivedField, []correlation) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "conf", "grafana", "provisioning", "datasources", "zimbraloki.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var p provisioned
	if err := yaml.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	for _, d := range p.Datasources {
		if d.UID == "loki" {
			return d.JSONData.DerivedFields, d.Correlations
		}
	}
	t.Fatal("no data source loki")
	return nil, nil
}

// $$ is one dollar sign.
var (
	anchored = regexp.MustCompile(`^\^\w+\$\$$`)
	toPage   = regexp.MustCompile(`^/d/([a-z-]+)\?var-(\w+)=\$\$\{__value\.raw:percentencode\}$`)
	inQuery  = regexp.MustCompile(`\$\$\{(\w+)\}`)
)

// linkProblems returns what would make the links of a log line dead.
func linkProblems(fields []derivedField, correlations []correlation) (out []string) {
	variables, names := map[string]bool{}, []string{}
	for _, d := range dash.All() {
		for _, v := range d.Variables {
			variables[d.UID+" "+v.Name] = true
		}
	}
	for _, f := range fields {
		names = append(names, f.Name)
		if f.MatcherType != "label" || !anchored.MatchString(f.MatcherRegex) {
			out = append(out, f.Name+": takes labels that only contain "+f.MatcherRegex)
		}
		if m := toPage.FindStringSubmatch(f.URL); f.DatasourceUID != "" || m == nil || !variables[m[1]+" "+m[2]] {
			out = append(out, f.Name+": opens an empty question: "+f.URL)
		}
	}
	for _, c := range correlations {
		m := inQuery.FindStringSubmatch(c.Config.Target.Expr)
		if !slices.Contains(names, c.Config.Field) || m == nil || m[1] != c.Config.Field {
			out = append(out, fmt.Sprintf("%s: %q is no field of the answer", c.Label, c.Config.Field))
		}
	}
	return out
}

func TestLinksOfLines(t *testing.T) {
	fields, correlations := loadProvisioned(t)
	if len(fields) == 0 || len(correlations) == 0 {
		t.Fatal("there are no links")
	}
	for _, p := range linkProblems(fields, correlations) {
		t.Error(p)
	}
}

func TestLinksOfLinesFinds(t *testing.T) {
	f := func(plant func(*derivedField, *correlation), want string) {
		t.Helper()
		fields, correlations := loadProvisioned(t)
		plant(&fields[0], &correlations[0])
		if got := strings.Join(linkProblems(fields, correlations), "\n"); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(func(d *derivedField, _ *correlation) { d.MatcherRegex = "message_id" }, "only contain")
	f(func(d *derivedField, _ *correlation) { d.MatcherType = "regex" }, "only contain")
	f(func(d *derivedField, _ *correlation) { d.DatasourceUID = "loki" }, "empty question")
	f(func(d *derivedField, _ *correlation) { d.URL = "/d/gone?var-user=$${__value.raw:percentencode}" }, "empty question")
	f(func(d *derivedField, _ *correlation) { d.URL = strings.Replace(d.URL, "var-", "var-x", 1) }, "empty question")
	f(func(_ *derivedField, c *correlation) { c.Config.Field = "message_id" }, "no field of the answer")
	f(func(_ *derivedField, c *correlation) { c.Config.Target.Expr = "{}" }, "no field of the answer")
}
