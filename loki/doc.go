// Package loki is the last stage: entries in, Loki's word that it has them out.
//
// A Batch groups entries by stream and tenant and encodes them at once; it
// copies what it needs, so an entry may be reused after Add. Client.Push sends
// the batch on the caller's goroutine and returns after Loki has stored every
// entry, or has refused it for good and it stands in the dead-letter file
// (Result.Retry is false), or when the same batch must be pushed again later
// (Result.Retry is true).
//
// Loki takes stream, time, line and metadata together as an entry's identity
// and drops a second one, so pushing a batch again is harmless as long as its
// bytes are the same; a Batch gives the same bytes for the same entries.
//
// Sources: Loki v3.7.8 pkg/loghttp/push, pkg/distributor, pkg/ingester/stream.go,
// pkg/validation; docs/decisions/0002-push-encoding.md.
package loki
