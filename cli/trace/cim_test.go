package trace

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/config"
	"github.com/zimbraloki/zimbraloki/entry"
	"github.com/zimbraloki/zimbraloki/mailtrace/mailcase"
)

// TestLokiNames: Loki is asked by the names that it holds, and its answer has
// those of the vocabulary.
func TestLokiNames(t *testing.T) {
	f := func(names string, kind mailcase.Kind, want string) {
		t.Helper()
		tr := &tracer{o: Options{Config: &config.Config{FieldNames: names}, Query: mailcase.Query{Kind: kind, Value: "a"}}}
		if got := tr.condition(); got != want {
			t.Errorf("%s: %s, want %s", names, got, want)
		}
		key := map[string]string{"cim": "internal_message_id", "zimbraloki": "queue_id"}[names]
		a := &asker{t: tr, labels: map[string]*entry.Labels{}}
		list, err := a.events([]byte(`{"data":{"result":[{"values":[["1","x",{"structuredMetadata":{"` + key + `":"Q"}}]]}]}}`))
		if err != nil || len(list) != 1 || list[0].Get("queue_id") != "Q" {
			t.Errorf("%s: %v, %v", names, list, err)
		}
	}
	const who = `"(?i)(.*,)?a(,.*)?"`
	f("zimbraloki", mailcase.ByQueueID, `queue_id="a"`)
	f("cim", mailcase.ByQueueID, `internal_message_id="a"`)
	f("zimbraloki", mailcase.ByAddress, `from=~`+who+` or to=~`+who+` or orig_to=~`+who+` or user=~`+who+` or message_id="<a>"`)
	f("cim", mailcase.ByAddress, `sender=~`+who+` or recipient=~`+who+` or orig_recipient=~`+who+` or user=~`+who+` or message_id="<a>"`)
	f("cim", mailcase.ByMessageID, `message_id="a" or original_message_id="a"`)
}
