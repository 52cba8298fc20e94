package chunk

import (
	"encoding/binary"
	"math"
)

// mark is what the time of a record says about it.
type mark uint8

const (
	markNone       mark = iota // the time cannot be read
	markRecord                 // an ordinary record
	markGroupStart             // a marker, no record
	markGroupEnd
)

// The two times that stand for group markers: FLB_LOG_EVENT_GROUP_START and
// _END in flb_log_event.h, seconds as a signed number. In an EventTime they are
// written unsigned, with no nanoseconds.
const (
	groupStart = -1
	groupEnd   = -2
)

// maxSeconds is the last second whose nanoseconds fit an int64 (year 2262).
const maxSeconds = math.MaxInt64/1_000_000_000 - 1

// decodeTime reads the checked value at b[0] as a record's time, in ns.
// Source: flb_log_event_decoder.c, flb_log_event_decoder_decode_timestamp.
//
// Other negative times: v5.1.1 skips such a record or, written as an integer,
// stops. Here they are times that cannot be read, and the record is kept.
func decodeTime(b []byte) (ns int64, m mark) {
	switch kindOf(b[0]) {
	case KindExt:
		end := next(b, 0)
		return eventTime(b[:end:end])
	case KindUint, KindInt:
		// An unsigned number of 64 bits is cast to time_t there, so that the
		// old forward format can carry the markers.
		return seconds(integer(b))
	case KindFloat:
		return floatTime(float(b))
	}
	return 0, markNone
}

// eventTime reads ext type 0 with seconds and nanoseconds, unsigned 32 bits
// each, big-endian. Source: Fluentd Forward Protocol Specification v1,
// "EventTime Ext Format". Nanoseconds of a second and more are added up, as
// v3.2 did.
func eventTime(b []byte) (int64, mark) {
	p := payload(b)
	if extType(b) != 0 || len(p) != 8 {
		return 0, markNone
	}
	sec, nsec := binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
	if sec >= math.MaxUint32-1 {
		if nsec != 0 { // v5.1 refuses it: no marker and, in 2106, no time
			return 0, markNone
		}
		return seconds(int64(int32(sec)))
	}
	return int64(sec)*1_000_000_000 + int64(nsec), markRecord
}

func seconds(s int64) (int64, mark) {
	switch {
	case s == groupStart:
		return 0, markGroupStart
	case s == groupEnd:
		return 0, markGroupEnd
	case s < 0 || s > maxSeconds:
		return 0, markNone
	}
	return s * 1_000_000_000, markRecord
}

// floatTime reads seconds with a fraction; a float64 of today resolves 0.2 µs.
func floatTime(f float64) (int64, mark) {
	switch {
	case f == groupStart:
		return 0, markGroupStart
	case f == groupEnd:
		return 0, markGroupEnd
	case f >= 0 && f < maxSeconds: // NaN is neither
		sec := math.Trunc(f)
		return int64(sec)*1_000_000_000 + int64((f-sec)*1e9), markRecord
	}
	return 0, markNone
}
