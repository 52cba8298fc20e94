package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// schema is the part of JSON Schema (draft 2020-12) that is used here.
type schema struct {
	Schema      string `json:"$schema,omitempty"`
	ID          string `json:"$id,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Type        any    `json:"type,omitempty"`

	Pattern   string   `json:"pattern,omitempty"`
	Format    string   `json:"format,omitempty"`
	Enum      []string `json:"enum,omitempty"`
	Minimum   int64    `json:"minimum,omitempty"`
	Maximum   int64    `json:"maximum,omitempty"`
	Default   any      `json:"default,omitempty"`
	Examples  []string `json:"examples,omitempty"`
	WriteOnly bool     `json:"writeOnly,omitempty"`

	Items                *schema `json:"items,omitempty"`
	Properties           object  `json:"properties,omitempty"`
	AdditionalProperties any     `json:"additionalProperties,omitempty"`
}

// object is a mapping that keeps the order of its members.
type object []member

type member struct {
	name  string
	value *schema
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", m.name)
		var text bytes.Buffer
		enc := json.NewEncoder(&text)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
		b.Write(text.Bytes())
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema returns conf/zimbraloki.schema.json: what config_file may hold. The
// same properties, but for lists and mappings, may stand in an output section.
func Schema() ([]byte, error) {
	s := schema{
		Schema:               "https://json-schema.org/draft/2020-12/schema",
		ID:                   "https://github.com/zimbraloki/zimbraloki/raw/main/conf/zimbraloki.schema.json",
		Title:                "zimbraloki: config_file",
		Type:                 "object",
		AdditionalProperties: false,
	}
	for i := range fields {
		f := &fields[i]
		if f.Name == configFileKey {
			continue
		}
		s.Properties = append(s.Properties, member{f.Name, f.schema()})
		for _, a := range f.Aliases {
			s.Properties = append(s.Properties, member{a, &schema{Ref: "#/properties/" + f.Name}})
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(s)
	return b.Bytes(), err
}

// sizePattern and durationPattern are the forms that value.go reads.
const (
	sizePattern     = `^[0-9.]+ *([kKmMgG]([iI]?[bB])?|[bB])?$|\$\{`
	durationPattern = `^[0-9.]+ *([smhdSMHD]|ms|us|ns)?([0-9.]+(h|m|s|ms))*$|\$\{`
)

func (f *Field) schema() *schema {
	s := &schema{Description: f.plainDoc(), WriteOnly: f.Secret}
	if f.Default != "" {
		s.Default = f.Default
	}
	if f.Example != "" {
		s.Examples = []string{f.Example}
	}
	switch f.Kind {
	case KindInt:
		s.Type, s.Minimum, s.Maximum, s.Default = "integer", f.Min, f.Max, json.RawMessage(f.Default)
	case KindSize:
		s.Type, s.Pattern = []string{"integer", "string"}, sizePattern
	case KindDuration:
		s.Type, s.Pattern = []string{"number", "string"}, durationPattern
	case KindBool:
		s.Type = []string{"boolean", "string"}
	case KindEnum:
		s.Type, s.Enum = "string", f.Allowed
	case KindList:
		s.Type, s.Items = []string{"array", "string"}, &schema{Type: "string"}
	case KindPairs:
		s.Type, s.AdditionalProperties, s.Items = []string{"object", "array", "string"}, &schema{Type: []string{"string", "number", "boolean"}}, &schema{Type: "string"}
	case KindHeader:
		s.Type, s.AdditionalProperties, s.Items = []string{"object", "array", "string"}, &schema{Type: "string"}, &schema{Type: "string"}
	case KindPath:
		s.Type, s.Pattern = "string", `^/|^\$\{|^off$`
	default:
		s.Type = []string{"string", "number", "boolean"}
	}
	return s
}

// plainDoc is Doc with its unit, without the links of Markdown.
func (f *Field) plainDoc() string {
	doc := markdownLinks.ReplaceAllString(f.Doc, "$1")
	if f.Unit == "" {
		return doc
	}
	return doc + " " + strings.ToUpper(f.unitWord()[:1]) + f.unitWord()[1:] + ": " + f.Unit + "."
}
