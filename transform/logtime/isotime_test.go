package logtime

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestISOTime(t *testing.T) {
	c := testClock(t, "Europe/Berlin")
	f := func(in, want string) {
		t.Helper()
		got, ok := c.ISOTime(in, 0)
		text := "none"
		if ok {
			text = time.Unix(0, got).UTC().Format(time.RFC3339Nano)
		}
		if text != want {
			t.Errorf("ISOTime(%q)\n got %s\nwant %s", in, text, want)
		}
	}
	f("2025-06-05T08:42:27Z", "2025-06-05T08:42:27Z")
	f("2025-06-05T08:42:27.148123456Z", "2025-06-05T08:42:27.148123456Z")
	f("2025-06-05T15:42:27.1z", "2025-06-05T15:42:27.1Z")
	f("2025-06-05T08:42:27,148Z", "2025-06-05T08:42:27.148Z")
	f("2025-06-05T08:42:27.1481234567899Z", "2025-06-05T08:42:27.148123456Z")
	f("2025-06-05T08:42:27.148+03:00", "2025-06-05T05:42:27.148Z")
	f("2025-06-05T08:42:27.148-0730", "2025-06-05T16:12:27.148Z")
	f("2025-06-05 08:42:27 +05", "2025-06-05T03:42:27Z")
	f("2025-06-05 08:42:27 UTC", "2025-06-05T08:42:27Z")
	f("2025/06/05 08:42:27Z", "2025-06-05T08:42:27Z")
	f("2025-06-05T08:42:27+03:00[Europe/Moscow]", "2025-06-05T05:42:27Z")
	f("2024-02-29T23:59:60Z", "2024-03-01T00:00:00Z") // a leap second
	f("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
	f("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z")
	// No zone: that of the clock, in summer and in winter.
	f("2025-06-05 08:42:27,148", "2025-06-05T06:42:27.148Z")
	f("2025-12-31T23:30:00", "2025-12-31T22:30:00Z")
	f("2025/12/31 23:30:00.5", "2025-12-31T22:30:00.5Z")

	for _, in := range []string{
		"", "2025-06-05", "2025-06-05T08:42", "2025-06-05T08:42:27.", "2025-06-05T08:42:27.Z",
		"2023-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z", "2025-06-00T00:00:00Z",
		"2025-06-31T00:00:00Z", "2025-06-05T24:00:00Z", "2025-06-05T08:60:00Z", "2025-06-05T08:42:61Z",
		"2025-06/05T08:42:27Z", "2025-06-05x08:42:27Z", "2025-06-05T08:42:27+3:00", "2025-06-05T08:42:27+03:60",
		"2025-06-05T08:42:27+03:0", "2025-06-05T08:42:27+24:00", "2025-06-05T08:42:27ZZ", "2025-06-05T08:42:27 ", "2025-06-05T08:42:27[",
		"9999-06-05T08:42:27Z", "0001-01-01T00:00:00Z", "2025-02-30 10:00:00 ",
	} {
		f(in, "none")
	}
}

// TestISOTimeRepeatedHour: the hour that the end of summer time repeats is
// decided by the arrival.
func TestISOTimeRepeatedHour(t *testing.T) {
	c := testClock(t, "Europe/Berlin")
	for _, want := range []string{"2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"} {
		w, _ := time.Parse(time.RFC3339, want)
		got, ok := c.ISOTime("2025-10-26 02:30:00", w.UnixNano()+5e9)
		if !ok || got != w.UnixNano() {
			t.Errorf("02:30 near %s: got %s", want, time.Unix(0, got).UTC())
		}
	}
}

// TestISOTimeAgainstLibrary takes package time as the oracle.
func TestISOTimeAgainstLibrary(t *testing.T) {
	c := testClock(t, "UTC")
	rnd := rand.New(rand.NewPCG(1, 2))
	layouts := []string{time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00", "2006-01-02 15:04:05,000000-0700", "2006/01/02 15:04:05.000 -07"}
	for range 20000 {
		zone := time.FixedZone("", (rnd.IntN(27)-13)*3600)
		at := time.Unix(rnd.Int64N(4e9)-1e9, rnd.Int64N(1e9)).In(zone)
		layout := layouts[rnd.IntN(len(layouts))]
		in := at.Format(layout)
		want, err := time.Parse(layout, in)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := c.ISOTime(in, 0); !ok || got != want.UnixNano() {
			t.Fatalf("ISOTime(%q) = %d, %v, want %d", in, got, ok, want.UnixNano())
		}
	}
}

func TestNumberTime(t *testing.T) {
	f := func(in string, want int64) {
		t.Helper()
		got, ok := NumberTime(in)
		if ok != (want != 0) || ok && got != want {
			t.Errorf("NumberTime(%q) = %d, %v, want %d", in, got, ok, want)
		}
	}
	const second = 1749112947
	f("1749112947", second*1e9)
	f("1749112947.148", second*1e9+148e6)
	f("1749112947.148123456", second*1e9+148123456)
	f("1749112947.1481234569", second*1e9+148123456)
	f("1749112947148", second*1e9+148e6)
	f("1749112947148.5", second*1e9+148500e3)
	f("1749112947148123", second*1e9+148123e3)
	f("1749112947148123456", second*1e9+148123456)
	f("20000000000000", 0) // milliseconds of the year 2603
	f("1.749112947e9", second*1e9)
	f("1749112947.", second*1e9)
	f("100000000", 1e17)
	f("99999999", 0) // 1973, or no date at all
	f("12.5", 0)
	f("0", 0)
	f("-1749112947", 0)
	f("", 0)
	f("99999999999", 0) // the year 5138
	f("9223372036854775806", 9223372036854775806)
	f("9223372036854775807", 0)
	f("9223372036854775808", 0)
	f("18446744073709551615", 0)
	f("1e400", 0)
	f("1e18", 1e18)
	f("1749112947x", 0)
	f("1749112947.1x", 0)
	f("NaN", 0)
}

func FuzzISOTime(f *testing.F) {
	for _, s := range []string{"2025-06-05T08:42:27.148123456Z", "2025-06-05 08:42:27,148", "2025-06-05T08:42:27+03:00[x]"} {
		f.Add(s)
	}
	c := testClock(f, "America/New_York")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := c.ISOTime(s, 1749112947e9)
		want, err := time.Parse(time.RFC3339Nano, s)
		// The library takes an hour of one digit, and years that we leave out.
		if err == nil && isISODate(s) && want.Year() > 1708 && want.Year() < 2231 && s[10] == 'T' && s[len(s)-1] == 'Z' && (!ok || got != want.UnixNano()) {
			t.Fatalf("ISOTime(%q) = %d, %v, want %d", s, got, ok, want.UnixNano())
		}
		n, ok := NumberTime(s)
		if ok && n <= 0 {
			t.Fatalf("NumberTime(%q) = %d", s, n)
		}
	})
}

func BenchmarkISOTime(b *testing.B) {
	c := testClock(b, "Europe/Berlin")
	for _, in := range []string{"2025-06-05T08:42:27.148123456Z", "2025-06-05 08:42:27,148"} {
		b.Run(fmt.Sprint(len(in)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.ISOTime(in, 0)
			}
		})
	}
}
