package transform

import "strings"

// Zmstat is the format zmstat.
var Zmstat = Spec{
	Name:     "zmstat",
	Doc:      "a table of zmstat: header and values in one line",
	From:     "zmstat by syslog: /var/log/zimbra-stats.log",
	Fixture:  Fixture{File: "zimbra-stats/stats.log", Path: "/var/log/zimbra-stats.log", Example: "cpu.csv"},
	Question: `avg_over_time({service_name="zimbramon"} | component="cpu.csv" | unwrap cpu_user [5m])`,
	Traps:    "Columns become metadata under their names, at most 40. A row that was cut is [one entry](decisions/0008-lines-cut-by-their-writer.md).",
}

// chunkMark stands around the identifier with which a message of more than 800
// bytes is cut: behind a piece that goes on, before one that goes on from it.
const chunkMark = ":::"

// parseZmstat reads "cpu.csv: timestamp, cpu:user, cpu:sys:: 04/13/2021
// 11:56:30, 8.6, 1.9": the names of the columns and one row. Each column that
// is a number becomes metadata under its name, made fit for Loki, as many as
// an entry may have.
func parseZmstat(in *Input, d *draft, s string) bool {
	file, rest, ok := strings.Cut(s, ": ")
	if !ok {
		return false
	}
	d.set(FieldAction, "statistics")
	d.set(FieldComponent, file)
	if cut := zmstatCut(d, rest); cut {
		return true
	}
	header, row, ok := strings.Cut(rest, ":: ")
	if !ok {
		return false
	}
	for header != "" && row != "" && len(d.extra) < maxExtra {
		var name, v string
		name, header = nextColumn(header)
		v, row = nextColumn(row)
		if isNumber(strings.TrimPrefix(v, "-")) {
			d.addColumn(in, name, v)
		}
	}
	return true
}

// zmstatCut marks a message whose rest comes in a later line; its row cannot be
// told from its header.
func zmstatCut(d *draft, s string) bool {
	_, id := cutAtMark(s)
	if id == "" {
		return false
	}
	d.add("chunk_id", id)
	d.set(FieldPartial, "true")
	return true
}

// cutAtMark takes ":::uuid:::" off the end of s; id is "" if it is not there.
func cutAtMark(s string) (rest, id string) {
	t, ok := strings.CutSuffix(strings.TrimRight(s, " "), chunkMark)
	if !ok {
		return s, ""
	}
	i := strings.LastIndex(t, chunkMark)
	if i < 0 || len(t)-i-len(chunkMark) != uuidLen {
		return s, ""
	}
	return t[:i], t[i+len(chunkMark):]
}

const uuidLen = 36

// zmstatPiece reads a further piece of a cut message, ":::uuid:::rest".
func zmstatPiece(d *draft, s string) bool {
	id, rest, ok := strings.Cut(s[len(chunkMark):], chunkMark)
	if !ok || len(id) != uuidLen {
		return false
	}
	d.set(FieldAction, "statistics")
	d.set(FieldContinued, "true")
	if !zmstatCut(d, rest) {
		d.add("chunk_id", id)
	}
	return true
}

// nextColumn splits the first value of a comma list off.
func nextColumn(s string) (v, rest string) {
	i := strings.IndexByte(s, ',')
	if i < 0 {
		return strings.TrimSpace(s), ""
	}
	return strings.TrimSpace(s[:i]), trimSpaces(s[i+1:])
}

// addColumn is add for a name that needs no memory of its own: bytes that Loki
// does not take become '_' in the Run's arena.
func (d *draft) addColumn(in *Input, name, v string) {
	if !plainName(name) {
		b := in.a.alloc(len(name))
		for i := 0; i < len(name); i++ {
			c := name[i]
			if !keyByte[c] {
				c = '_'
			}
			if c != '_' || len(b) > 0 && b[len(b)-1] != '_' {
				b = append(b, c)
			}
		}
		name = in.a.commit(b)
	}
	d.add(name, v)
}

// zmstatPart reads "1:info: zmstat x.csv: first:::uuid:::" and "1:info:
// :::uuid:::rest", which may end like the first.
func zmstatPart(msg string) (pc piece, ok bool) {
	_, rest := monLevel(msg)
	pc.text = msg
	if after, follows := strings.CutPrefix(rest, chunkMark); follows {
		pc.id, pc.text, pc.follows = strings.Cut(after, chunkMark)
	}
	if s, id := cutAtMark(pc.text); id != "" && (pc.id == "" || pc.id == id) {
		pc.text, pc.id, pc.open = s, id, true
	}
	return pc, len(pc.id) == uuidLen
}
