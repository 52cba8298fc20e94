package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOldDocument: the document for older tools has nothing that they refuse.
func TestOldDocument(t *testing.T) {
	s := newServer(t, Limits{})
	for _, version := range []string{"3.0", "3.1"} {
		doc := s.call("", "GET", "/api/v1/schema/?version="+version, "").Body
		if !strings.Contains(doc, `"format":"binary"`) || !strings.Contains(doc, `"servers":[{"url":"/"}]`) || strings.Contains(doc, "contentMediaType") != (version == "3.1") {
			t.Errorf("%s:\n%.2000s", version, doc)
		}
	}
}

// document is what of OpenAPI a client needs.
type document struct {
	OpenAPI    string
	Paths      map[string]map[string]operationDoc
	Components struct{ Schemas map[string]schemaDoc }
}

type operationDoc struct {
	OperationID string `json:"operationId"`
	Security    []map[string][]string
	Parameters  []struct {
		Name, In string
		Required bool
	}
	RequestBody struct {
		Content map[string]struct{ Schema schemaDoc }
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct{ Schema schemaDoc }
	}
}

type schemaDoc struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]schemaDoc
	Required   []string
	Items      *schemaDoc
	OneOf      []schemaDoc `json:"oneOf"`
	Additional any         `json:"additionalProperties"`
	Enum       []any
}

// values are what a client written of the document fills in.
var values = map[string]string{
	"archives_read.id": "1", "archives_update.id": "1", "archives_partial_update.id": "1", "archives_download.id": "1", "archives_report.id": "1", "archives_import.id": "1", "archives_delete.id": "1",
	"platforms_read.name": "zimbra", "platforms_update.name": "visiology", "platforms_partial_update.name": "visiology", "platforms_delete.name": "visiology",
	"number": "1488228", "tickets_token_delete.number": "12", "check_token.token": "8c0f5d8e-0000-4000-8000-000000000000",
}

var bodies = map[string]string{
	"archives_update": `{"ticket":1488228}`, "archives_partial_update": `{"name":"x.gz"}`, "platforms_create": `{"name":"new","pretty_name":"New"}`,
	"platforms_update": `{"name":"visiology","pretty_name":"V"}`, "platforms_partial_update": `{"pretty_name":"W"}`, "tickets_create": `{"number":12,"platform":"zimbra"}`,
	"tickets_update": `{"number":1488228,"platform":"zimbra"}`, "tickets_partial_update": `{"attempts":1}`, "tickets_ask": `{"query":"{a=\"b\"}"}`,
	"auth_token_create": `{"username":"maria","password":"` + testPassword + `"}`, "auth_token_refresh_create": `{"refresh":"x"}`, "auth_token_verify_create": `{"token":"x"}`,
}

// refused are operations whose values above name nothing, on purpose.
var refused = map[string]int{"check_token": 404, "auth_token_refresh_create": 401, "auth_token_verify_create": 401}

// TestDocumentIsTrue calls every operation of the document as it says, and
// holds the answers against the schemas that it gives.
func TestDocumentIsTrue(t *testing.T) {
	s, admin, _ := furnished(t, loose())
	token := s.token(admin)
	var doc document
	if err := json.Unmarshal([]byte(s.call("", "GET", "/api/v1/schema/", "").Body), &doc); err != nil {
		t.Fatal(err)
	}
	type call struct {
		method, path string
		op           operationDoc
	}
	var calls []call
	for path, item := range doc.Paths {
		for method, op := range item {
			calls = append(calls, call{strings.ToUpper(method), path, op})
		}
	}
	if len(calls) != 34 {
		t.Errorf("%d operations", len(calls))
	}
	// Deletions come last: the others need what they delete.
	slices.SortFunc(calls, func(a, b call) int {
		if (a.method == "DELETE") != (b.method == "DELETE") {
			return map[bool]int{true: 1, false: -1}[a.method == "DELETE"]
		}
		return strings.Compare(a.op.OperationID, b.op.OperationID)
	})
	for _, c := range calls {
		t.Run(c.op.OperationID, func(t *testing.T) {
			for _, p := range c.op.Parameters {
				if p.In == "path" {
					v := values[c.op.OperationID+"."+p.Name]
					if v == "" {
						v = values[p.Name]
					}
					c.path = strings.ReplaceAll(c.path, "{"+p.Name+"}", v)
				}
			}
			if len(c.op.Security) == 0 {
				t.Error("it does not say for whom it is")
			} else if len(c.op.Security[0]) > 0 {
				if r := s.call("", c.method, c.path, bodies[c.op.OperationID]); r.StatusCode != http.StatusUnauthorized {
					t.Errorf("as a guest: %s", r.Status)
				}
			}
			r := s.call(token, c.method, c.path, bodies[c.op.OperationID])
			want, ok := c.op.Responses[fmt.Sprint(r.StatusCode)]
			if !ok || r.StatusCode >= 400 && refused[c.op.OperationID] != r.StatusCode {
				t.Fatalf("%s %s: %s %s; the document has %v", c.method, c.path, r.Status, r.Body, c.op.Responses)
			}
			media, ok := want.Content["application/json"]
			if !ok {
				return
			}
			var got any
			if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
				t.Fatalf("%s: %v", r.Body, err)
			}
			if err := doc.fits(media.Schema, got, "body"); err != nil {
				t.Errorf("%s %s: %v\n%s", c.method, c.path, err, r.Body)
			}
		})
	}
}

// fits says where a value is not as a schema has it.
func (d *document) fits(s schemaDoc, v any, where string) error {
	if s.Ref != "" {
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		target, ok := d.Components.Schemas[name]
		if !ok {
			return fmt.Errorf("%s: no schema %s", where, name)
		}
		return d.fits(target, v, where)
	}
	if len(s.OneOf) > 0 {
		var errs []string
		for _, one := range s.OneOf {
			err := d.fits(one, v, where)
			if err == nil {
				return nil
			}
			errs = append(errs, err.Error())
		}
		return fmt.Errorf("%s: fits none: %s", where, strings.Join(errs, "; "))
	}
	types, ok := s.Type.([]any)
	if !ok {
		types = []any{s.Type}
	}
	if !slices.Contains(types, any(typeOf(v))) && !(typeOf(v) == "integer" && slices.Contains(types, any("number"))) {
		return fmt.Errorf("%s is %s, want %v", where, typeOf(v), types)
	}
	switch v := v.(type) {
	case map[string]any:
		return d.fitsObject(s, v, where)
	case []any:
		for n, x := range v {
			if err := d.fits(*s.Items, x, fmt.Sprintf("%s[%d]", where, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *document) fitsObject(s schemaDoc, v map[string]any, where string) error {
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			return fmt.Errorf("%s has no %s", where, name)
		}
	}
	for name, x := range v {
		p, ok := s.Properties[name]
		if !ok && (s.Additional == nil || s.Additional == false) {
			return fmt.Errorf("%s.%s is in no schema", where, name)
		}
		if ok {
			if err := d.fits(p, x, where+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

// TestGeneratedClient makes a client of the document with oapi-codegen and lets
// a program of it work. It is not for every run: OAPI_CODEGEN names the tool.
func TestGeneratedClient(t *testing.T) {
	tool := os.Getenv("OAPI_CODEGEN")
	if tool == "" {
		t.Skip("OAPI_CODEGEN names no generator of clients (github.com/oapi-codegen/oapi-codegen/v2)")
	}
	s, admin, _ := furnished(t, loose())
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "INTAKE="+s.URL, "TOKEN="+s.token(admin), "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	write("openapi.json", s.call("", "GET", "/api/v1/schema/?version=3.0", "").Body)
	write("go.mod", "module example.org/client\n\ngo 1.26\n")
	write("main.go", clientProgram)
	write("client/doc.go", "package client\n")
	run(tool, "-generate", "types,client", "-package", "client", "-o", "client/client.go", "openapi.json")
	run("go", "get", "github.com/oapi-codegen/runtime@v1.9.0")
	run("go", "mod", "tidy")
	if out := run("go", "run", "."); out != "2 tickets, SUP-7 made with a token, 10 bytes, refused 404\n" {
		t.Errorf("the program says %q", out)
	}
}

const clientProgram = `package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.org/client/client"
)

func main() {
	ctx := context.Background()
	auth := client.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
		return nil
	})
	c, err := client.NewClientWithResponses(os.Getenv("INTAKE"), auth)
	check(err)
	size := int64(50)
	list, err := c.TicketsListWithResponse(ctx, &client.TicketsListParams{PageSize: &size})
	check(err)
	rows, err := list.JSON200.AsListTicket()
	check(err)
	var number client.TicketBody_Number
	check(number.FromTicketBodyNumber1("SUP-7"))
	platform := "zimbra"
	made, err := c.TicketsCreateWithResponse(ctx, client.TicketBody{Number: &number, Platform: &platform})
	check(err)
	text, err := made.JSON201.Number.AsTicketNumber1()
	check(err)
	file, err := c.ArchivesDownloadWithResponse(ctx, 1)
	check(err)
	none, err := c.TicketsReadWithResponse(ctx, "no")
	check(err)
	fmt.Printf("%d tickets, %s made with a token, %d bytes, refused %d\n", rows.Count, text, len(file.Body), none.StatusCode())
	if made.JSON201.Token == nil || *none.JSON404.Detail != "Not found." {
		os.Exit(1)
	}
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
`
