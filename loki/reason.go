package loki

// Reason says why Loki refused an entry. The set is closed: each is a counter.
type Reason uint8

// The reasons, with Loki's own name for them where it has one (v3.7.8
// pkg/validation/validate.go).
const (
	ReasonOther        Reason = iota // no text that is known
	ReasonTooFarBehind               // too_far_behind: older than the newest of its stream by more than max_chunk_age/2
	ReasonOutOfOrder                 // out_of_order: the same where unordered_writes is off
	ReasonTooOld                     // greater_than_max_sample_age: reject_old_samples_max_age, default 7 days
	ReasonTooNew                     // too_far_in_future: creation_grace_period, default 10 minutes
	ReasonLineTooLong                // line_too_long: max_line_size, default 256 KB
	ReasonLabels                     // invalid_labels, max_label_names_per_series, label_value_too_long, …
	ReasonMetadata                   // structured_metadata_too_large, …_too_many, disallowed_structured_metadata
	ReasonTooLarge                   // 413 for a single entry
	ReasonTenant                     // not a tenant ID
	numReasons
)

var reasonNames = [numReasons]string{
	"bad_request", "too_far_behind", "out_of_order", "too_old", "too_new",
	"line_too_long", "bad_labels", "bad_metadata", "too_large", "bad_tenant",
}

// String returns the reason as it stands in logs, counters and dead letters.
func (r Reason) String() string { return reasonNames[r] }

// Reasons returns all reasons.
func Reasons() []Reason {
	all := make([]Reason, numReasons)
	for i := range all {
		all[i] = Reason(i)
	}
	return all
}

// behind reports whether an entry came too late for its stream only: another
// stream may take it.
func (r Reason) behind() bool { return r == ReasonTooFarBehind || r == ReasonOutOfOrder }
