package importer

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/zimbraloki/zimbraloki/dev/lokirun"
	"github.com/zimbraloki/zimbraloki/dev/lokirun/runtest"
	"github.com/zimbraloki/zimbraloki/dev/samplelogs"
	"github.com/zimbraloki/zimbraloki/intake/model"
)

// TestStress reads and ships a tar.gz of many days: INTAKE_STRESS says how many,
// 1 stands for 30. The report and the counts are those of the writer.
func TestStress(t *testing.T) {
	days, err := strconv.Atoi(os.Getenv("INTAKE_STRESS"))
	if err != nil {
		t.Skip("takes minutes: set INTAKE_STRESS=1, or to a number of days")
	}
	if days == 1 {
		days = 30
	}
	began := time.Now()
	span := time.Duration(days) * 24 * time.Hour
	data, want := sample(t, samplelogs.Options{Duration: span, MailsPerMinute: 0.5, Start: time.Now().UTC().Add(-span - time.Hour).Truncate(time.Hour)})
	t.Logf("%d days, %d entries, %d bytes packed, written in %s", days, want, len(data), time.Since(began).Round(time.Second))
	runtest.Each(t, lokirun.Options{Dir: t.TempDir(), Limits: lokirun.AsTheyCome()}, func(t *testing.T, l *lokirun.Server) {
		r := newRig(t, toLoki(t, l.URL()))
		r.patience = time.Hour
		began := time.Now()
		m := r.run(r.upload("SUP-1488", "month.tar.gz", data))
		t.Logf("read and shipped in %s", time.Since(began).Round(time.Second))
		if m.State != model.ImportDone || m.Entries != want || !m.Shipped || m.Error != "" || m.Critical < 2 {
			t.Errorf("import %+v, want %d entries", m, want)
		}
		n, err := l.Count(t.Context(), `{platform="zimbra", ticket="SUP-1488", source="upload"}`, time.Now().Add(-span-48*time.Hour), time.Now().Add(time.Hour))
		if err != nil || n != want {
			t.Errorf("%d entries arrived, want %d, %v", n, want, err)
		}
	})
}
