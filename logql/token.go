package logql

// token is the kind of a piece of a query.
type token int

const (
	tokEOF token = iota
	tokIdent
	tokString
	tokNumber
	tokDuration
	tokBytes
	tokRange
	tokFlag
	tokFunc  // a function's name with a bracket behind it
	tokWord  // a keyword
	tokPunct // brackets and operators
)

// functions are the words that are names of labels, too, unless a bracket
// follows.
var functions = wordSet("rate", "rate_counter", "count_over_time", "bytes_rate", "bytes_over_time",
	"sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "stddev_over_time",
	"stdvar_over_time", "quantile_over_time", "first_over_time", "last_over_time", "absent_over_time",
	"sum", "avg", "max", "min", "count", "stddev", "stdvar", "bottomk", "topk", "approx_topk", "sort", "sort_desc",
	"vector", "label_replace", "duration", "duration_seconds", "bytes", "ip")

// keywords are never names of labels.
var keywords = wordSet("json", "logfmt", "regexp", "pattern", "unpack", "line_format", "label_format",
	"decolorize", "drop", "keep", "unwrap", "by", "without", "on", "ignoring", "group_left", "group_right",
	"bool", "offset", "and", "or", "unless", "variants", "of")

// shownLower are the functions that errors write as they stand; the others
// appear in capitals, as in Loki.
var shownLower = wordSet("ip", "duration", "duration_seconds", "bytes")

func wordSet(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// lexeme is one piece of a query with its place, as Loki counts places.
type lexeme struct {
	tok       token
	text      string // keyword, operator or function in lower case; the content of a string
	line, col int
	value     float64 // nanoseconds of a duration, bytes of a size
}

// is reports whether the lexeme is this operator, bracket or keyword.
func (x *lexeme) is(text string) bool {
	return (x.tok == tokPunct || x.tok == tokWord) && x.text == text
}

// isFunc reports whether the lexeme calls this function.
func (x *lexeme) isFunc(name string) bool { return x.tok == tokFunc && x.text == name }
