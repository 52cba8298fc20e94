package show

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/entry"
)

func TestWhy(t *testing.T) {
	line := "from anna to anna: error"
	more := "Caused by: error"
	copied := string([]byte("error"))
	e := entry.Entry{Line: line, More: []string{more}, Meta: []entry.Pair{
		{Name: "to", Value: line[13:17]},       // the second "anna", by its address
		{Name: "root_cause", Value: more[11:]}, // a view into the second line
		{Name: "error", Value: copied},         // the same text elsewhere
		{Name: "level", Value: "warn"},         // nowhere
		{Name: "message_id", Value: line[5:9]}, // learned
	}}
	want := []Origin{{FromLine, 1, 14, 17}, {FromLine, 2, 12, 16}, {FromText, 1, 20, 24}, {Kind: FromParser}, {Kind: FromLearned}}
	for i, got := range Why(&e, func(name string) bool { return name == "message_id" }) {
		if got != want[i] {
			t.Errorf("%s is from %+v, want %+v", e.Meta[i].Name, got, want[i])
		}
	}
}
