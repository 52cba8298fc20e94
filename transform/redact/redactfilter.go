package redact

import (
	"encoding/binary"
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// The filter answers, for almost no cost, whether a text can hold a secret at
// all. Each trigger is a piece of text of which one stands in everything that
// the scrubber replaces. Its first five bytes hold three groups of three bytes;
// looking at every third position of a text therefore meets one of the groups,
// wherever the trigger stands.
const (
	filterStride = 3
	filterBits   = 15
)

// filterTriggers are in lower case and at least five bytes long. Where a word
// is common only its rare part stands here, with what has to follow.
var filterTriggers = []string{
	"passw", "passp", "passc", "pass=", "pass:", `pass"`, `pass\`, "pass'", "pass>", "pass ", "pass&", "pass%", "pass\n", "pass\t", "pass\r",
	"token", "secre", "preau", "ivate", "bindp", "redent", "cooki", "thoriz", "scratc", "rycod", "ry_cod", "twofa", "samlr", "amz-sig", "zm_auth",
	"sionid", "sion_i", "sion-i", "essid", "sion=", "sion:", `sion"`, `sion\`, "sion'", "sion>", "<sess", ":sess", "lt;sess", "sion&", "sion%",
	"apike", "api_k", "api-k", "access_k", "access-k", "accessk",
	"bearer", "basic ", "negotiate ", "ntlm ", " login ", `"login `, "'login ", " plain ", "oauth2 ", "bearer ", "d-md5 ",
	"eyjhb", "eyj0e", "eyjra", "eyjlb", "eyj6a", "eyj4n", "eyjjd", "eyjqa", "eyjjc", "eyjjr", "eyjqd", "eyjub", "eyjld", "eyj1c", "eyjpdi",
	"zmprov", "/zmsoap", " zmsoap", "/zmmailb", " zmmailb", "mysql ", "mysqldu", "mysqladm", "mysql\"", "/ldap", " ldapse", " ldapmo", " ldappa", " ldapadd", " ldapdel", " ldapwho", "curl ",
	"decoded respo", "decoded init", "ncoded init", "ncoded client", "fied by", "_69643d", "ct.sid",
}

// pwdBefore may stand before the name pwd, and pwdTwo are the ends of what it
// may be joined to (dbPwd, userPwd, adminPwd, ldapPwd); three letters alone are
// too few for the filter. pwdEscaped ends an escaped sign before it (%26pwd%3D).
const (
	pwdBefore  = " &?;.\"',{([<_-\t/:\\\n|>" //nolint:gosec // no password, what stands before its name
	pwdEscaped = "6fbdec7"
)

var pwdTwo = [...]string{"db", "er", "in", "op", "ap"}

func init() {
	var before []string
	for _, c := range pwdBefore + pwdEscaped {
		before = append(before, string(c))
	}
	for _, pre := range append(before, pwdTwo[:]...) {
		for _, post := range []string{"=", ":", `"`, "'", `\`, " ", ">", "&", "%", "\n", "\t", "\r"} {
			filterTriggers = append(filterTriggers, pre+"pwd"+post)
		}
	}
	filterTable.build()
}

// filter is the table of groups: the number of a list of triggers, 0 for none.
type filter struct {
	table [1 << filterBits]uint8
	lists [][]filterPlace
}

// filterPlace says that a group stands so many bytes behind a trigger's start.
// word and mask are the trigger's first bytes, as many as eight, folded.
type filterPlace struct {
	word, mask uint64
	trigger    string
	at         int
}

// filterFold clears the bit that tells small letters from capitals.
const filterFold = 0xdfdfdfdfdfdfdfdf

var filterTable filter

func filterHash(w uint32) uint32 {
	return (w & 0x00dfdfdf) * 0x9e3779b1 >> (32 - filterBits) & (1<<filterBits - 1)
}

func (f *filter) build() {
	f.lists = make([][]filterPlace, 1)
	add := func(h uint32, p filterPlace) {
		n := f.table[h]
		if n == 0 {
			if len(f.lists) > 255 {
				n = 255 // shared: a longer list, the same answer
			} else {
				n = uint8(len(f.lists))
				f.lists = append(f.lists, nil)
			}
			f.table[h] = n
		}
		f.lists[n] = append(f.lists[n], p)
	}
	for _, t := range filterTriggers {
		var b, m [8]byte
		copy(b[:], t)
		copy(m[:min(8, len(t))], "\xff\xff\xff\xff\xff\xff\xff\xff")
		mask := binary.LittleEndian.Uint64(m[:]) & filterFold
		word := binary.LittleEndian.Uint64(b[:]) & mask
		for at := range filterStride {
			add(filterHash(uint32(t[at])|uint32(t[at+1])<<8|uint32(t[at+2])<<16), filterPlace{word, mask, t, at})
		}
	}
}

// MaySecret reports whether s may hold a secret. Texts that start or end in the
// middle of a trigger cannot.
func MaySecret(s string) bool {
	b := scan.BytesOf(s)
	if len(b) > 3 && scan.LowerByte[b[0]] == 'p' && scan.FoldPrefix(s, "pwd") {
		return true
	}
	t := &filterTable.table
	i := 0
	for ; len(b)-i >= 16; i += 12 {
		w := b[i : i+16 : i+16]
		// Two loads hold four groups.
		x, y := binary.LittleEndian.Uint64(w), binary.LittleEndian.Uint64(w[6:])
		a, c := t[filterHash(uint32(x))], t[filterHash(uint32(x>>24))]
		d, e := t[filterHash(uint32(y))], t[filterHash(uint32(y>>24))]
		if a|c|d|e != 0 && (confirmTrigger(s, i, a) || confirmTrigger(s, i+3, c) || confirmTrigger(s, i+6, d) || confirmTrigger(s, i+9, e)) {
			return true
		}
	}
	for ; len(b)-i >= 3; i += filterStride {
		if n := t[filterHash(uint32(b[i])|uint32(b[i+1])<<8|uint32(b[i+2])<<16)]; n != 0 && confirmTrigger(s, i, n) {
			return true
		}
	}
	return false
}

// confirmTrigger compares the triggers of list n with the text around the
// group at i.
func confirmTrigger(s string, i int, n uint8) bool {
	list := filterTable.lists[n]
	for j := range list {
		p := &list[j]
		k := i - p.at
		if k < 0 || k+8 <= len(s) && binary.LittleEndian.Uint64(scan.BytesOf(s[k:k+8]))&p.mask != p.word {
			continue
		}
		if scan.FoldPrefix(s[k:], p.trigger) {
			return true
		}
	}
	return false
}

// MayUserinfo reports whether s may hold a URL with a name and password. The
// filter has no trigger for it: "://" stands in too many lines.
func MayUserinfo(s string) bool {
	first := strings.IndexByte(s, '/') // most lines with an address have no URL before it
	if first < 0 {
		return false
	}
	for i := first; i < len(s); i++ {
		j := indexAt(s, i)
		if j < 0 {
			return false
		}
		colon := false
		for k := j - 1; k > i && k > j-512; k-- {
			switch c := s[k]; {
			case c == '/':
				if colon && (s[k-1] == '/' || strings.HasSuffix(s[:k], `/\`)) {
					return true
				}
				k = i
			case c == ':':
				colon = true
			case c <= ' ', c == '<', c == '>', c == '"', c == '?', c == '#', c == '\\', c == '\'':
				k = i
			}
		}
		i = j
	}
	return false
}

// indexAt is the position of the next '@' of s from i on, or -1.
func indexAt(s string, i int) int {
	if j := strings.IndexByte(s[i:], '@'); j >= 0 {
		return i + j
	}
	return -1
}
