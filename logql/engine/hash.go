package engine

import (
	"github.com/cespare/xxhash/v2"

	"github.com/zimbraloki/zimbraloki/entry"
)

// hashLabels is Prometheus' hash of a label set, which orders Loki's streams.
func hashLabels(pairs []entry.Pair) uint64 {
	var b []byte
	for _, p := range pairs {
		b = append(append(b, p.Name...), 0xff)
		b = append(append(b, p.Value...), 0xff)
	}
	return xxhash.Sum64(b)
}
