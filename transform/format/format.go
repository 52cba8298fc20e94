package format

// Spec describes a format: what tells its lines, what reads them, which labels
// they get, and what the documentation says of it. Everything that is known of
// a format stands here and in the file beside it.
type Spec struct {
	Name string // what explain and the documentation call it; unique
	Doc  string // what it is, in a few words
	From string // which program writes it, to which file

	// Labels of its lines, where the file decides; "" where the parser does.
	Log, Service string

	// Head reports whether s can start an event of the format. nil for a format
	// that another one's parser finds.
	Head func(s string) bool
	// Parse reads the event whose head is d's, of a log that has no other
	// header; false means "not mine", never an error.
	Parse func(in *Input, d *Draft) bool

	// Programs are the names in a syslog header whose messages Message reads.
	Programs []string
	// Tag reports whether a tag of syslog is one of its program's, where a list
	// of names is not enough.
	Tag func(tag string) bool
	// Message reads what a program wrote, whatever carried it there; false means
	// that only the header was understood.
	Message func(in *Input, d *Draft, s string) bool
	// Piece reads the marks of a message that its program cut into several lines.
	Piece func(s string) (Piece, bool)

	Outcomes []Outcome // the values of outcome that its lines may have, and when

	Stamp    Stamp
	Fixture  Fixture
	Question string // one LogQL query that it answers
	Sample   bool   // the sample logs answer Question: the tests ask it
	Traps    string // what one has to know of it, Markdown

	id int // in its Table
}

// String returns the name of the format.
func (s *Spec) String() string { return s.Name }

// ID is the index of the format in its Table.
func (s *Spec) ID() int { return s.id }

// Stamp shows how the lines of a format write their time, for formats that read
// it themselves; the zero value is for the others.
type Stamp struct {
	Layout string // of time.Format, or one of the below
	Line   string // a line, "@" in place of the time
	Header string // what stands before a message that Message reads too, "@" in place of the time; "" if there is no such
}

// Layouts that time.Format does not have.
const (
	EpochMillis = "epoch ms"
	MariaDB     = "060102 _3:04:05" // the hour padded with a blank
)

// Fixture names the log below transform/testdata that shows a format.
type Fixture struct {
	File    string // below transform/testdata
	Path    string // under which the log is read, "" if its lines alone tell what they are
	Example string // beginning of the example's first line, or a part of it
	Alone   bool   // the log mixes programs: no line before the example belongs to it
}

// Unparsed is what no parser knew.
var Unparsed = Spec{
	Name:     "unparsed",
	Doc:      "no parser knew the line: delivered as it is",
	From:     "anything",
	Fixture:  Fixture{File: "text/unknown.log", Example: "plain text at"},
	Question: `{job="zimbra"} | format="unparsed"`,
	Traps:    "Time and order are those of arrival. A line of a known log that was cut in the middle ends up here too.",
}

// Continuation is what goes on with an event whose head is elsewhere.
var Continuation = Spec{
	Name:     "continuation",
	Doc:      "lines of an event whose head was in an earlier chunk",
	From:     "no program: lines whose head is not in the chunk and not in memory, or nowhere",
	Fixture:  Fixture{File: "mailbox/damaged.log", Path: "/opt/zimbra/log/mailbox.log"},
	Question: `{job="zimbra"} | continued="true"`,
	Traps:    "Labels and time are those of the last head of the same file, if there was one.",
}

// Piece is the message of a syslog line that is a part of a longer one.
type Piece struct {
	ID      string
	Text    string // without the marks
	Follows bool   // goes on from an earlier line
	Open    bool   // goes on in a later one
}

// Description names a format or a field and says what it is.
type Description struct {
	Name string
	Unit string // unit or shape of a field's value, "" for text
	Doc  string
}
