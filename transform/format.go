package transform

// Format is what a line was recognised as.
type Format uint8

// The closed set of formats.
const (
	FormatUnparsed     Format = iota // no parser knew the line: delivered as it is
	FormatMailbox                    // Zimbra's log4j shape, any logger but security
	FormatAudit                      // the same, logger security
	FormatCLI                        // Zimbra's command line tools: thread before level
	FormatPlanr                      // PLAN-R event, JSON
	FormatJSON                       // any other JSON object
	FormatContinuation               // lines of an event whose head was in an earlier chunk
	FormatText                       // time and level found in a usual place, nothing else
	numFormats
)

var formatNames = [numFormats]string{"unparsed", "mailbox", "audit", "cli", "planr", "json", "continuation", "text"}

// String returns the name that explain and the documentation use.
func (f Format) String() string { return formatNames[f] }
