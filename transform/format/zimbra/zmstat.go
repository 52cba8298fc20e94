package zimbra

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/format"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// Zmstat is the format zmstat.
var Zmstat = format.Spec{
	Name:     "zmstat",
	Doc:      "a table of zmstat: header and values in one line",
	From:     "zmstat by syslog: /var/log/zimbra-stats.log",
	Fixture:  format.Fixture{File: "zimbra-stats/stats.log", Path: "/var/log/zimbra-stats.log", Example: "cpu.csv"},
	Question: `avg_over_time({service_name="zimbramon"} | component="cpu.csv" | unwrap cpu_user [5m])`,
	Traps:    "Columns become metadata under their names, at most 40. A row that was cut is [one entry](decisions/0008-lines-cut-by-their-writer.md).",
}

// ChunkMark stands around the identifier with which a message of more than 800
// bytes is cut: behind a piece that goes on, before one that goes on from it.
const ChunkMark = ":::"

// parseZmstat reads "cpu.csv: timestamp, cpu:user, cpu:sys:: 04/13/2021
// 11:56:30, 8.6, 1.9": the names of the columns and one row. Each column that
// is a number becomes metadata under its name, made fit for Loki, as many as
// an entry may have.
func parseZmstat(in *format.Input, d *format.Draft, s string) bool {
	file, rest, ok := strings.Cut(s, ": ")
	if !ok {
		return false
	}
	d.Set(format.FieldAction, "statistics")
	d.Set(format.FieldComponent, file)
	if cut := zmstatCut(d, rest); cut {
		return true
	}
	header, row, ok := strings.Cut(rest, ":: ")
	if !ok {
		return false
	}
	for header != "" && row != "" && len(d.Extra) < format.MaxExtra {
		var name, v string
		name, header = nextColumn(header)
		v, row = nextColumn(row)
		if scan.IsNumber(strings.TrimPrefix(v, "-")) {
			addColumn(d, in, name, v)
		}
	}
	return true
}

// zmstatCut marks a message whose rest comes in a later line; its row cannot be
// told from its header.
func zmstatCut(d *format.Draft, s string) bool {
	_, id := cutAtMark(s)
	if id == "" {
		return false
	}
	d.Add("chunk_id", id)
	d.Set(format.FieldPartial, "true")
	return true
}

// cutAtMark takes ":::uuid:::" off the end of s; id is "" if it is not there.
func cutAtMark(s string) (rest, id string) {
	t, ok := strings.CutSuffix(strings.TrimRight(s, " "), ChunkMark)
	if !ok {
		return s, ""
	}
	i := strings.LastIndex(t, ChunkMark)
	if i < 0 || len(t)-i-len(ChunkMark) != UUIDLen {
		return s, ""
	}
	return t[:i], t[i+len(ChunkMark):]
}

// UUIDLen is the length of the identifier between two ChunkMarks.
const UUIDLen = 36

// zmstatPiece reads a further piece of a cut message, ":::uuid:::rest".
func zmstatPiece(d *format.Draft, s string) bool {
	id, rest, ok := strings.Cut(s[len(ChunkMark):], ChunkMark)
	if !ok || len(id) != UUIDLen {
		return false
	}
	d.Set(format.FieldAction, "statistics")
	d.Set(format.FieldContinued, "true")
	if !zmstatCut(d, rest) {
		d.Add("chunk_id", id)
	}
	return true
}

// nextColumn splits the first value of a comma list off.
func nextColumn(s string) (v, rest string) {
	i := strings.IndexByte(s, ',')
	if i < 0 {
		return strings.TrimSpace(s), ""
	}
	return strings.TrimSpace(s[:i]), scan.TrimSpaces(s[i+1:])
}

// addColumn is Add for a name that needs no memory of its own: bytes that Loki
// does not take become '_' in the Input's arena.
func addColumn(d *format.Draft, in *format.Input, name, v string) {
	if !format.PlainName(name) {
		b := in.Arena.Alloc(len(name))
		for i := 0; i < len(name); i++ {
			c := name[i]
			if !scan.KeyByte[c] {
				c = '_'
			}
			if c != '_' || len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, c)
			}
		}
		name = in.Arena.Commit(b)
	}
	d.Add(name, v)
}

// zmstatPart reads "1:info: zmstat x.csv: first:::uuid:::" and "1:info:
// :::uuid:::rest", which may end like the first.
func zmstatPart(msg string) (pc format.Piece, ok bool) {
	_, rest := monLevel(msg)
	pc.Text = msg
	if after, follows := strings.CutPrefix(rest, ChunkMark); follows {
		pc.ID, pc.Text, pc.Follows = strings.Cut(after, ChunkMark)
	}
	if s, id := cutAtMark(pc.Text); id != "" && (pc.ID == "" || pc.ID == id) {
		pc.Text, pc.ID, pc.Open = s, id, true
	}
	return pc, len(pc.ID) == UUIDLen
}
