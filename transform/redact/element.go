package redact

import (
	"strings"

	"github.com/zimbraloki/zimbraloki/transform/redact/names"
	"github.com/zimbraloki/zimbraloki/transform/scan"
)

// element looks at the text behind a tag that ends at i: of an element whose
// name, or whose attribute n, name or key, says that it is a secret. All text in
// it goes, over lines, comments and further elements, up to its end.
func (c *scrubber) element(i int) int {
	s := c.s
	if c.tag < 0 || c.tag+1 >= i {
		return i + 1
	}
	tag := s[c.tag+1 : i]
	if tag[0] == '/' && (tag == "/key" || tag == "/name") {
		return c.sibling(i, len(tag)-1)
	}
	if !isWordByte(tag[0]) || tag[len(tag)-1] == '/' || strings.IndexByte(tag, '>') >= 0 || !secretTag(tag) {
		return i + 1
	}
	name := tag
	if k := strings.IndexAny(tag, xmlSpace); k >= 0 {
		name = tag[:k]
	}
	if n := len(name); scan.FoldEqual(name[n-min(2, n):], "pw") && !names.Has(longPW, name) && (n != 2 || foldIndexIn(s, "</pw>", i, len(s)) < 0) {
		return i + 1
	}
	c.tag = -1
	if len(tag) == 3 && scan.FoldEqual(tag, "pwd") && i+1 < len(s) && names.HarmlessValue(tag, s[i+1:]) {
		return i + 1
	}
	if i+1 < len(s) && s[i+1] == ' ' && !strings.Contains(s[i:], "</") { // "<password> is missing"
		return i + 1
	}
	depth, from := 0, i+1
	for from < len(s) {
		stop, end := len(s), ""
		if k := strings.IndexByte(s[from:], '<'); k >= 0 {
			stop = from + k
		}
		c.text(from, stop)
		rest := s[stop:]
		from = stop
		switch {
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		case strings.HasPrefix(rest, "<![CDATA["):
			k := strings.Index(rest, "]]>")
			if k < 0 {
				return c.cut(from+len("<![CDATA["), len(s))
			}
			c.cut(from+len("<![CDATA["), from+k)
			from += k + len("]]>")
			continue
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "</"):
			if depth--; depth < 0 {
				return max(from, c.done)
			}
			end = ">"
		case len(rest) > 1 && isWordByte(rest[1]) && depth < 8:
			end = ">"
			if k := strings.IndexByte(rest, '>'); k > 0 && rest[k-1] == '/' {
				depth--
			}
			depth++
		default:
			return max(from, c.done)
		}
		k := strings.Index(rest, end)
		if k < 0 {
			return max(from, c.done)
		}
		from += k + len(end)
	}
	return max(from, c.done)
}

// sibling looks at the element behind one that says the name of a secret and
// ends at i: <key>password</key><string>x</string>; n is the length of its name.
func (c *scrubber) sibling(i, n int) int {
	s := c.s
	from := c.tag
	for from > 0 && c.tag-from < 100 && s[from-1] != '>' {
		from--
	}
	if from < n+2 || s[from-n-2] != '<' || !names.IsSecretKey(strings.TrimSpace(s[from:c.tag])) {
		return i + 1
	}
	next := i + 1
	for next < len(s) && s[next] <= ' ' {
		next++
	}
	for range 3 { // XML-RPC's <value><string>
		if next+1 >= len(s) || s[next] != '<' || !isWordByte(s[next+1]) {
			break
		}
		k := strings.IndexByte(s[next:], '>')
		if k < 0 || s[next+k-1] == '/' {
			return i + 1
		}
		next += k + 1
	}
	if next == i+1 || strings.HasPrefix(s[next:], "</") {
		return i + 1
	}
	end := len(s)
	if k := strings.IndexByte(s[next:], '<'); k >= 0 {
		end = next + k
	}
	c.text(next, end)
	return max(i+1, c.done)
}

// text cuts s[from:to] without the blanks around it.
func (c *scrubber) text(from, to int) {
	v := strings.TrimLeft(c.s[from:to], " \t\r\n")
	from = to - len(v)
	if v = strings.TrimRight(v, " \t\r\n"); len(v) > 1 || len(v) == 1 && !scan.IsDigit(v[0]) {
		c.cut(from, from+len(v))
	}
}

// inSession reports whether an attribute at i is one of an element session.
func (c *scrubber) inSession(i int) bool {
	tag := c.openTag(i)
	if j := strings.IndexByte(tag, ':'); j >= 0 && j < 12 {
		tag = tag[j+1:]
	}
	return scan.FoldPrefix(tag, "session")
}

// inNamedTag reports whether an attribute at i is one of a tag that says the
// name of a secret: <param name="password" value="x"/>.
func (c *scrubber) inNamedTag(i int) bool {
	if c.openTag(i) == "" {
		return false
	}
	end := min(len(c.s), i+400)
	if k := strings.IndexByte(c.s[i:end], '>'); k >= 0 {
		end = i + k
	}
	return secretTag(c.s[c.tag+1 : end])
}

// openTag is the tag that i stands in, up to i.
func (c *scrubber) openTag(i int) string {
	if c.tag < 0 || c.tag >= i || i-c.tag > 4096 {
		return ""
	}
	tag := c.s[c.tag+1 : i]
	if strings.IndexByte(tag, '>') >= 0 {
		return ""
	}
	return tag
}

// secretTag reports whether the text of an element is secret: by its name,
// without a prefix, or by the name in an attribute.
func secretTag(tag string) bool {
	n := 0
	for n < len(tag) && (scan.KeyByte[tag[n]] || tag[n] == '-' || tag[n] == '.' || tag[n] == ':' || tag[n] >= 0x80) {
		n++
	}
	if n < len(tag) && strings.IndexByte(xmlSpace, tag[n]) < 0 {
		return false
	}
	name := tag[:n]
	if k := strings.LastIndexByte(name, ':'); k >= 0 {
		name = name[k+1:]
	}
	return names.IsSecretKey(name) || namedTag(tag[n:])
}

// xmlSpace is white space (XML 1.0, 2.3).
const xmlSpace = " \t\r\n"

// namedTag reports whether an attribute n, name or key in a tag is the name of a
// secret.
func namedTag(tag string) bool {
	for _, a := range [...]string{" n=", " name=", " key="} {
		k := strings.Index(tag, a)
		if k < 0 {
			continue
		}
		v := tag[k+len(a):]
		if q, m := quoteAt(v, 0); m > 0 {
			if names.IsSecretKey(v[m:closingQuote(v, m, q, m-1)]) {
				return true
			}
		}
	}
	return false
}
