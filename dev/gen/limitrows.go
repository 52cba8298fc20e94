package main

const limitsText = `# Limits

What bounds memory, disk and time, whatever logs, archives, configuration files and Loki send. Each limit has a value, a defined thing that happens beyond it, and a test that goes beyond it, most of them ten times. The values are generated from the code.

No limit loses a line silently: what is not sent as it is gets a mark in the metadata, goes to the dead-letter file, or is named in the log or in the summary.
`

// limitSections are the rows of docs/limits.md, by what they protect from.
var limitSections = []limitSection{
	{"Lines and records", []limit{
		{"bytes of a line", "transform:DefaultMaxLineBytes", "bytes", "cut between two characters; `truncated` in the metadata, the rest in further entries with `continued`", "`max_line_bytes`", "transform:TestTenTimes"},
		{"lines of an entry", "transform:DefaultMaxLines", "lines", "a further entry with `continued`", "`multiline_max_lines`", "transform:TestManyShortLines"},
		{"lines of one record that are looked at one by one", "transform:maxPayloadLines", "lines", "the rest goes on in entries as large as may be", "", "transform:TestManyShortLines"},
		{"lines of a stack trace that are searched for exceptions", "transform/format/java:MaxTraceLines", "lines", "later causes are in the line, not in the metadata", "", "transform:TestTenTimes"},
		{"depth of a record that is written out as JSON", "transform/envelope:maxRecordDepth", "levels", "taken as text", "", "transform:TestTenTimes"},
		{"pieces of split lines of a source that wait", "transform:maxHeld", "lines", "the oldest goes as far as it has come", "", "transform:TestManyHeldLines"},
		{"sources (paths, containers) of one chunk", "transform:maxSources", "sources", "more pass by: lines that follow each other still make an event", "", "transform:TestManyPaths"},
		{"entries of a chunk that wait for what becomes of their mail", "transform:maxWaiting", "entries", "go with what is known so far", "", "transform:TestManyWaiting"},
	}},
	{"Metadata and labels", []limit{
		{"bytes of a value of the metadata", "transform/format:MaxMetaValue", "bytes", "cut; the line has the whole", "", "transform:TestMetadataIsBounded"},
		{"bytes of an audited attribute", "transform/format:MaxAttribute", "bytes", "cut; the line has the whole", "", "transform:TestMetadataIsBounded"},
		{"bytes of the metadata of an entry", "transform/format:maxMeta", "bytes", "further pairs are left out; the line has them", "", "transform:TestMetadataIsBounded"},
		{"pairs outside of the vocabulary", "transform/format:MaxExtra", "pairs", "further ones are left out; the line has them", "", "transform:TestMetadataIsBounded"},
		{"recipients in `to`", "transform/format:MaxRecipients", "addresses", "further ones are in the line", "", "transform:TestTenTimes"},
		{"values of one label", "transform:DefaultLabelValueLimit", "values", "`__other__`, the value in the metadata; said once", "`label_value_limit`", "transform:TestTenTimes"},
		{"bytes of a label's value", "transform:maxLabelValue", "bytes", "`__other__`, the value in the metadata", "", "transform:TestTenTimes"},
		{"names with their pseudonyms that are remembered", "transform/person:maxPseudonyms", "names", "computed again, the same", "", "transform/person:TestPseudonymsBounded"},
	}},
	{"Memory of the plugin", []limit{
		{"sources whose last event is remembered", "transform:maxHeads", "sources", "those longest unused are forgotten: a stack trace over two chunks has no head", "", "transform:TestMemoryIsBounded"},
		{"chunks that wait for an answer", "transform:maxLedger", "chunks", "the one longest unseen is forgotten: if it comes again, what it took from other chunks may differ", "", "transform:TestMemoryIsBounded"},
		{"mails, sessions and mailboxes that are followed", "property:mail_trace_entries", "mails", "those longest unused are forgotten; their later lines have no `message_id`", "`mail_trace_entries`", "mailtrace:TestMemoryIsBounded"},
		{"kinds of errors that are told apart in one outage", "internal/quiet:maxSaid", "errors", "said when they change", "", "internal/quiet:TestStateIsBounded"},
		{"chunks whose panics are counted", "plugin:maxPanicChunks", "chunks", "the oldest is forgotten", "", "plugin:TestPanicLedgerIsBounded"},
	}},
	{"Configuration", []limit{
		{"bytes of a configuration, key or password file", "internal/smallfile:Max", "bytes", "refused with its name", "", "internal/smallfile:TestRead"},
	}},
	{"Loki's answers", []limit{
		{"bytes of an answer's heads", "loki:maxHead", "bytes", "the connection is closed, the push comes again", "", "loki:TestEndlessHead"},
		{"bytes of an answer that names no entries", "loki:maxAnswer", "bytes", "the rest is not looked at", "", "loki:TestLongAnswers"},
		{"a wait that `Retry-After` asks for", "loki:maxRetryAfter", "time", "no longer than this", "", "loki:TestLongAnswers"},
		{"streams whose progress is remembered", "loki:maxLedger", "streams", "the oldest are forgotten: sent again, Loki drops what it has", "", "loki:TestLedgerIsBounded"},
		{"bytes of a push, unpacked", "loki:DefaultBatchBytes", "bytes", "several pushes", "`batch_bytes`", "loki:TestLongAnswers"},
		{"dead letters on the disk", "deadletter:DefaultMaxBytes", "bytes", "the older half is removed; said with its count", "`dead_letter_max_bytes`", "deadletter:TestRotation"},
	}},
	{"Archives", []limit{
		{"bytes of a line in a file", "logs/rotation:maxLine", "bytes", "cut into lines", "", "logs/rotation:TestLongLines"},
		{"dictionary of xz", "logs/archive:maxDictionary", "bytes", "named and left out, before memory is taken", "", "logs/archive:TestXzDictionary"},
		{"window of zstd", "logs/archive:maxWindow", "bytes", "named and left out, before memory is taken", "", "logs/archive:TestZstdWindow"},
		{"unpacked bytes of a file, and of all members that are put by", "logs/archive:DefaultBytes", "bytes", "named, the rest is left out", "`--max-unpacked`", "logs/archive:TestZipClaims"},
		{"unpacked to packed bytes", "logs/archive:DefaultRatio", "times", "named, the rest is left out", "`--max-ratio`", "logs/archive:TestBombInStream"},
		{"archives in archives", "logs/archive:DefaultDepth", "levels", "named and left out", "`--max-depth`", "logs/archive:TestTenTimesDepth"},
		{"members of an archive", "logs/archive:DefaultEntries", "files", "named, the rest is left out", "`--max-entries`", "logs/archive:TestTenTimesDepth"},
	}},
	{"Commands", []limit{
		{"bytes of the position file of `ship`", "cli/ship:maxState", "bytes", "refused with the cure", "`--state`, `--restart`", "cli/ship:TestLargeState"},
		{"entries that `replay` sends at once", "cli/replay:maxEntries", "entries", "several pushes", "", "cli/replay:TestManyLetters"},
		{"events that `trace` keeps of mails under way", "mailtrace/mailcase:DefaultLimit", "bytes", "refused with the cure: a narrower question", "", "mailtrace/mailcase:TestLimit"},
		{"depth of a record that the filter reads", "filter:maxDepth", "levels", "the record goes on as it is", "", "filter:TestTenTimesDeep"},
		{"sources that a summary of `ship` names", "cli/ship:maxRows", "sources", "the largest; the others as one row", "", "cli/ship:TestSummaryRows"},
	}},
}
