package json

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/transform/envelope"
	"github.com/zimbraloki/zimbraloki/transform/format"
)

// visOracle is the grammar as one expression; the identifiers are split in a
// second step.
var (
	visOracle = regexp.MustCompile(`(?s)^OperationName:\s*(?P<operation>\S+) with AccessType:\s*(?P<access>\S+) on ObjectType:\s*(?P<object_type>.+?)(?P<ids>(?: with (?:ObjectId|WorkspaceId):\s*\S+)*) completed by User:\s*(?P<user>.*?) with OperationStatus:\s*(?P<status>[A-Za-z]+)(?:\s*,\s*ErrorMessage:\s*(?P<error>.*?))?\s*$`)
	visIDs    = regexp.MustCompile(` with (ObjectId|WorkspaceId):\s*(\S+)`)
)

func oracleVisiology(s string) (e visEvent, ok bool) {
	m := visOracle.FindStringSubmatch(s)
	if m == nil {
		return e, false
	}
	e = visEvent{operation: m[1], access: m[2], objectType: m[3], user: m[5], status: m[6], err: m[7]}
	for _, id := range visIDs.FindAllStringSubmatch(m[4], -1) {
		if id[1] == "ObjectId" {
			e.objectID = id[2]
		} else {
			e.workspaceID = id[2]
		}
	}
	return e, true
}

func checkVisiology(t *testing.T, s string) {
	t.Helper()
	var got visEvent
	ok := got.scan(s)
	want, wantOK := oracleVisiology(s)
	got.hasError = false
	if ok != wantOK || ok && got != want {
		t.Errorf("scan(%q)\n got %+v %v\nwant %+v %v", s, got, ok, want, wantOK)
	}
}

// visSamples are events and what comes near to one.
var visSamples = []string{
	"OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Success",
	"OperationName: A with AccessType: B on ObjectType: C with ObjectId: 1 with WorkspaceId: 2 completed by User: u with OperationStatus: Failed, ErrorMessage: x\ny ",
	"OperationName:A with AccessType:B on ObjectType:C completed by User: with OperationStatus:Success",
	"OperationName:A with AccessType:B on ObjectType:C completed by User:  with OperationStatus:Success with OperationStatus:Failed",
	"OperationName:A with AccessType:B on ObjectType: completed by User:u with OperationStatus:Success",
	"OperationName:A with AccessType:B on ObjectType:   completed by User:u with OperationStatus:Success",
	"OperationName:A with AccessType:B on ObjectType:\t\n completed by User:\n with OperationStatus:S",
	"OperationName:A with AccessType:B on ObjectType:C with ObjectId: completed by User:u with OperationStatus:Success",
	"OperationName:A with AccessType:B on ObjectType:C with ObjectId:1 with ObjectId:2 completed by User:a b with OperationStatus:Success , ErrorMessage:",
	"OperationName:A with AccessType:B on ObjectType:C with ObjectId:1 x completed by User:u completed by User:v with OperationStatus:Success",
	"OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Failed, ErrorMessage:a, ErrorMessage:b",
	"OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Failed tail",
	"OperationName:A\vB with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Failed,ErrorMessage:\v",
	"OperationName:A with AccessType:B on ObjectType:Отчёт completed by User:CORP\\Иван with OperationStatus:Success\r\n",
	"OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Success1",
	"OperationName:",
}

func TestVisiologyOracle(t *testing.T) {
	for _, s := range visSamples {
		checkVisiology(t, s)
		for i := 0; i < len(s); i++ { // each byte missing, each byte a blank, each end cut
			checkVisiology(t, s[:i]+s[i+1:])
			checkVisiology(t, s[:i]+" "+s[i:])
			checkVisiology(t, s[:i])
		}
	}
}

func FuzzVisiology(f *testing.F) {
	for _, s := range visSamples {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		checkVisiology(t, s)
		r := newReader(time.UTC)
		d := r.draft(envelope.Payload{Text: "x " + s})
		if !parseVisiology(&r.Input, d) {
			return
		}
		var line struct{ Body, Prefix string }
		if err := json.Unmarshal([]byte(d.Head.Text), &line); err != nil || line.Prefix+line.Body != strings.TrimRight("x "+s, "\r") {
			t.Errorf("line %s of %q: %v", d.Head.Text, s, err)
		}
	})
}

// TestVisiologyJSON: an event that came inside of a JSON object. The exporter's
// own object stays, any other gets a body before its own keys.
func TestVisiologyJSON(t *testing.T) {
	r := newReader(time.UTC)
	f := func(in, want, level string) {
		t.Helper()
		d := r.draft(envelope.Payload{Text: in})
		if !parseJSON(&r.Input, d) || !VisiologyJSON(&r.Input, d) || d.Head.Text != want || d.Level.String() != level || d.Exporter != "OTLP" || d.Get(format.FieldUser) != "u" {
			t.Errorf("%s\n got %s (%s)\nwant %s", in, d.Head.Text, d.Level, want)
		}
	}
	ok := "OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Success"
	bad := "OperationName:A with AccessType:B on ObjectType:C completed by User:u with OperationStatus:Failed"
	f(`{"body":"`+ok+`","severity":"Warning"}`, `{"body":"`+ok+`","severity":"Warning"}`, "warn")
	f(`{"body":"`+bad+`","severity":"Information"}`, `{"body":"`+bad+`","severity":"Information"}`, "error")
	f(`{"@m":"`+ok+`","OperationName":"A"}`, `{"body":"`+ok+`","@m":"`+ok+`","OperationName":"A"}`, "info")
	d := r.draft(envelope.Payload{Text: `{"message":"x"}`})
	if parseJSON(&r.Input, d); VisiologyJSON(&r.Input, d) {
		t.Error("takes a line without an event")
	}
}
