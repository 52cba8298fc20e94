package format

import "github.com/zimbraloki/zimbraloki/entry"

// The sets of names that metadata can have on the wire.
const (
	NamesOwn = "zimbraloki" // the vocabulary
	NamesCIM = "cim"        // Splunk's Common Information Model, where it has a name
)

// Renamed is a field that another set of names calls otherwise.
type Renamed struct {
	Field Field
	Name  string
	Model string // the data models of Splunk's that have the name
}

// cimTable holds the fields for which the Common Information Model has a name
// of its own, or uses theirs for something else (its action is an outcome). No
// two have one name, so that the way back is plain.
var cimTable = []Renamed{
	{FieldOutcome, "action", "Authentication, Email, Malware"},
	{FieldAction, "command", "Change"},
	{FieldAuthUser, "src_user", "Authentication, Change, Email"},
	{FieldTarget, "object", "Change"},
	{FieldClientIP, "src", "Authentication, Email, Web"},
	{FieldClientHost, "src_host", "Network Traffic"},
	{FieldPort, "src_port", "Network Traffic"},
	{FieldRelay, "dest", "Email"},
	{FieldFrom, "sender", "add-ons for Postfix"},
	{FieldTo, "recipient", "Email"},
	{FieldOrigTo, "orig_recipient", "Email"},
	{FieldRecipients, "recipient_count", "Email"},
	{FieldQueueID, "internal_message_id", "Email"},
	{FieldDSN, "status_code", "Email"},
	{FieldProgram, "process", "Email"},
	{FieldPID, "process_id", "Email"},
	{FieldDurationMS, "response_time", "Web"},
	{FieldMechanism, "authentication_method", "Authentication"},
	{FieldMethod, "http_method", "Web"},
	{FieldUserAgent, "http_user_agent", "Web"},
	{FieldReferer, "http_referrer", "Web"},
	{FieldPath, "uri_path", "Web"},
	{FieldVirus, "signature", "Malware"},
}

// CIM lists what the set of names NamesCIM calls otherwise.
func CIM() []Renamed { return cimTable }

// cimNames has the new name of each name, and cimBack the old one of each new
// one. A name that only the model knows, of a log's own, gets "x_" before it.
var cimNames, cimBack = func() (names, back map[string]string) {
	names, back = map[string]string{}, map[string]string{}
	for _, r := range cimTable {
		names[r.Field.String()], back[r.Name] = r.Name, r.Field.String()
	}
	for name := range back {
		if _, ours := names[name]; !ours {
			names[name] = "x_" + name
		}
	}
	return names, back
}()

// CIMName is the name of a field in the set NamesCIM.
func CIMName(name string) string {
	if other, ok := cimNames[name]; ok {
		return other
	}
	return name
}

// ToCIM gives metadata the names of the Common Information Model.
func ToCIM(meta []entry.Pair) { rename(meta, cimNames) }

// FromCIM gives metadata that ToCIM renamed the names of the vocabulary again.
func FromCIM(meta []entry.Pair) { rename(meta, cimBack) }

func rename(meta []entry.Pair, names map[string]string) {
	for i := range meta {
		if name, ok := names[meta[i].Name]; ok {
			meta[i].Name = name
		}
	}
}
