// Package rooms lists the packages of the plugin and the command line from top
// to bottom: one imports only what stands below it. ARCHITECTURE.md draws the
// list with what is imported in fact, and a test of the repository holds it.
package rooms

// Room is one package.
type Room struct {
	Path string // below the module's root
	Doc  string // what comes in and what goes out, or what it is for
}

// Module is the path of the root module.
const Module = "github.com/zimbraloki/zimbraloki"

// All are the rooms, from top to bottom. A new package stands above all that it
// imports.
var All = []Room{
	{"cmd/zimbraloki", "the command line's program: wires, nothing else"},
	{"dev/gen", "writes the generated documentation, this table included"},
	{"cli", "the list of commands"},
	{"cli/check", "`check`: a configuration of Fluent Bit → findings, printed"},
	{"cli/doctor", "`doctor`: why logs do not reach Loki, with the cure"},
	{"cli/explain", "`explain`: lines → what the plugin would send"},
	{"cli/health", "`health`: for the container's health check"},
	{"cli/labels", "`labels`: streams and label values before they are made"},
	{"cli/pseudonym", "`pseudonym`: the pseudonym of a name"},
	{"cli/replay", "`replay`: dead letters → Loki again"},
	{"cli/ship", "`ship`: archives → Loki, with a position"},
	{"cli/trace", "`trace`: archives or Loki → the life of a mail"},
	{"cli/verify", "`verify`: counts of files against counts of Loki"},
	{"cli/flags/flagtest", "for tests of commands: runs one"},
	{"cli/flags", "flags that several commands share, exit codes"},
	{"cli/say", "text for people: counts, sizes, plurals"},
	{"plugin", "C pointers → `pipeline.Flush` → Fluent Bit's code; the only cgo"},
	{"filter/wasm", "the filter as a WebAssembly module"},
	{"filter", "a record → the same with our fields; none is dropped"},
	{"logs", "files → lines → chunks → entries, without sending"},
	{"logs/deliver", "one push and its retries, for commands"},
	{"logs/rotation", "files → logs of a host over their rotations, lines in order of time"},
	{"logs/archive", "folders, archives → files that can be opened; bounded"},
	{"pipeline", "chunk → result: the stages as one synchronous call"},
	{"internal/wiring", "a configuration → its transform"},
	{"transform", "events → entries: recognise, join, follow, protect, label"},
	{"transform/format/json", "JSON: PLAN-R, Visiology, any program's"},
	{"transform/format/web", "access logs, nginx, Jetty's DebugHandler"},
	{"transform/format/zimbra", "Zimbra's own: log4j, audit, activity, zmconfigd, zmstat, …"},
	{"transform/format/mta", "mail transport: Postfix, amavis, ClamAV, policy daemons, …"},
	{"transform/format/db", "MariaDB"},
	{"transform/format/syslog", "other programs of a host"},
	{"transform/format/plain", "a time and a level in a usual place"},
	{"transform/format/java", "stack traces"},
	{"transform/format", "what a format is: Spec, Draft, the vocabulary of fields, levels"},
	{"transform/internal/sample", "for tests: lines that several packages need"},
	{"transform/envelope", "record, Docker, CRI, Kubernetes, OpenTelemetry, header of syslog → payload"},
	{"transform/redact", "secrets out of a text"},
	{"transform/person", "persons out of a text"},
	{"transform/logtime", "stamps of all logs and the arrival → time"},
	{"transform/scan", "digits, words, key=value, UTF-8, addresses, memory of a run"},
	{"mailtrace/mailcase", "entries → the life of a mail, told"},
	{"mailtrace", "what links the lines of a mail; remembers mails on their way"},
	{"loki/lokitest", "a Loki for tests, with faults"},
	{"loki", "entries → one stream a body → answer; one function decides what it means"},
	{"deadletter", "refused entry → JSON line; bounded, readable"},
	{"config/check", "what Fluent Bit would do with a configuration → findings; one rule, one function"},
	{"config/fbconf", "files of Fluent Bit, read as it reads them"},
	{"config", "properties → `Config`: one table for parsing, errors, documentation"},
	{"entry/show", "an entry as JSON, as text, and where each value comes from"},
	{"entry", "what transform and loki share: time, label set, metadata, line"},
	{"chunk", "chunk bytes → events, views without copies; and the way back"},
	{"internal/flblog", "Fluent Bit's log format"},
	{"internal/metrics", "Prometheus' text and its listener"},
	{"internal/quiet", "an error is said when it changes"},
	{"internal/buildinfo", "the version"},
	{"internal/smallfile", "files that a configuration names: regular, bounded"},
	{"internal/terminal", "text for people that steers no terminal"},
	{"internal/golden", "for tests: golden files and their one -update"},
	{"internal/testtime", "for tests: instants and zones"},
	{"test/demo", "`make demo`"},
	{"dev/demo", "sample logs → Loki → questions"},
	{"dev/samplelogs/write", "writes the sample logs, for compose"},
	{"dev/samplelogs", "a day of a mail system that never was"},
	{"dev/lokirun", "a real Loki for demo and tests"},
	{"dev/planted", "secrets to be looked for in what leaves"},
	{"dev/rooms", "this list"},
	{"dev/testsum", "runs the tests of all modules and counts"},
	{"test/e2e", "the whole against a real Loki"},
	{"test/host", "the plugin in a program that plays Fluent Bit, in C"},
}
