package json

import (
	"testing"

	"github.com/zimbraloki/zimbraloki/transform/scan"
)

var planrLines = []string{
	`{"client_ip":"192.0.2.195","command_name":"auth.local","auth_success":true,"container_name":"/planr_ru-main-1","request_source":"main","time":1749112947148,"trace_id":"42195a9e","user_id":"3ce9","user_login":"ivanov@example.org"}`,
	`{ "client_ip" : "192.0.2.195", "error": null, "duration":0, "auth_success":false, "space_id":"" }` + "\n",
	`{"time":"2025-06-05T08:42:27.148Z","time":1749112947148,"user_login":"é"}`,
	`{"client_ip":"192.0.2.195"`, `{"client_ip":}`, `{"client_ip":"a",}`, `{}`, `{"duration":1.5}`, `{"duration":1e3}`, `{"duration":007}`,
	`{"duration":-1}`, `{"error":"a \"b\""}`, `{"error":{"a":1}}`, `{"unknown":1}`, `{"client_ip":"a"} x`, `{"duration":truex}`, `{"duration":1x}`,
}

// samePlanr compares what scanPlanr takes with what json-iterator reads.
func samePlanr(t *testing.T, line string) (taken bool) {
	t.Helper()
	var a scan.Arena
	var fast, slow jsonScratch
	if !fast.scanPlanr(&a, line) {
		if fast.obj.set != 0 {
			t.Errorf("%q was refused and left values", line)
		}
		return false
	}
	if !slow.read(&a, line) {
		t.Errorf("%q is taken, json-iterator refuses it", line)
	}
	if fast.obj.values != slow.obj.values || fast.obj.set != slow.obj.set {
		t.Errorf("%q\n got %v\nwant %v", line, fast.obj.values, slow.obj.values)
	}
	return true
}

func TestScanPlanr(t *testing.T) {
	for i, line := range planrLines {
		if taken := samePlanr(t, line); taken != (i < 3) {
			t.Errorf("%q: taken %v", line, taken)
		}
	}
}

func FuzzScanPlanr(f *testing.F) {
	for _, line := range planrLines {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > 0 && line[0] == '{' {
			samePlanr(t, line)
		}
	})
}
