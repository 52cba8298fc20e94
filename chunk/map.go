package chunk

// Map is an encoded MessagePack map, header included: a view into the chunk
// that Reader has checked. Nil is a map without fields.
type Map []byte

// Len is the number of fields, repeated keys counted each time.
func (m Map) Len() int {
	if len(m) == 0 {
		return 0
	}
	n, _ := containerHead(m)
	return n
}

// Fields returns a cursor over the fields, in the order written.
func (m Map) Fields() Fields {
	if len(m) == 0 {
		return Fields{}
	}
	n, size := containerHead(m)
	return Fields{b: m, off: size, left: n}
}

// Fields is a cursor over the fields of a map.
type Fields struct {
	b    []byte
	off  int
	left int
}

// Next returns the next field; ok is false at the end. The key is a view into
// the chunk. A key that is no str or bin is rendered as by Value.AppendText, a
// container as its encoded bytes in hexadecimal (\x93\x01…); that allocates.
func (f *Fields) Next() (key string, v Value, ok bool) {
	if f.left == 0 {
		return "", Value{}, false
	}
	f.left--
	val := next(f.b, f.off)
	key = keyText(f.b[f.off:val])
	f.off = next(f.b, val)
	return key, Value{f.b[val:f.off:f.off]}, true
}

// keyText returns a checked key as text.
func keyText(k []byte) string {
	switch kindOf(k[0]) {
	case KindStr, KindBin:
		return view(payload(k))
	}
	return string(appendKey(nil, k))
}

// Get returns the value of key. Of repeated keys the last counts, as for Fluent
// Bit's record accessor (src/flb_ra_key.c, ra_key_val_id) and its JSON output.
func (m Map) Get(key string) (v Value, ok bool) {
	f := m.Fields()
	for f.left > 0 {
		f.left--
		val := next(f.b, f.off)
		hit := keyIs(f.b[f.off:val], key)
		f.off = next(f.b, val)
		if hit {
			v, ok = Value{f.b[val:f.off:f.off]}, true
		}
	}
	return v, ok
}

// keyIs reports whether the checked key k is the str or bin key.
func keyIs(k []byte, key string) bool {
	switch kindOf(k[0]) {
	case KindStr, KindBin:
		return string(payload(k)) == key
	}
	return false
}
