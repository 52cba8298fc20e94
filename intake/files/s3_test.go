package files

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/zimbraloki/zimbraloki/intake/files/s3test"
)

var s3Store = store{"s3", func(t *testing.T) (Blobs, func() Blobs) {
	url := s3test.Bucket(t) + "/some/prefix" + s3test.Query
	tmp := t.TempDir()
	open := func() Blobs {
		s, err := OpenS3(t.Context(), url, tmp)
		if err != nil {
			t.Fatal(err)
		}
		s.firstPart = testPart
		return s
	}
	return open(), open
}, testPart}

// testPart is the least that S3 takes.
const testPart = 5 << 20

func TestMain(m *testing.M) { os.Exit(s3test.Main(m)) }

// TestOpenS3: what is wrong with a URL is said, its secret is not.
func TestOpenS3(t *testing.T) {
	f := func(url, want string) {
		t.Helper()
		_, err := OpenS3(t.Context(), url, t.TempDir())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f("s3://key:geheim@localhost", "want s3://")
	f("ftp://key:geheim@localhost/bucket", "want s3://")
	f("s3://key:geheim/x@localhost/bucket", "want s3://")
	f("s3://key:%zzgeheim@localhost/bucket", "the URL of S3 is none")
	url := s3test.Bucket(t)
	f(strings.Replace(url, "se%2Fcret", "geheim", 1)+s3test.Query, "bucket bucket")
	f(url+"missing"+s3test.Query, "create it first")
}

// TestS3Errors: codes of S3 have our names.
func TestS3Errors(t *testing.T) {
	f := func(code string, status int, want error) {
		t.Helper()
		wantError(t, code, s3Error("k", minio.ErrorResponse{Code: code, StatusCode: status}), want)
	}
	f("NoSuchKey", 404, ErrNotFound)
	f("XMinioStorageFull", 507, ErrNoSpace)
	f("QuotaExceeded", 403, ErrNoSpace)
	f("", 507, ErrNoSpace)
	if err := s3Error("k", nil); err != nil {
		t.Error(err)
	}
}

// TestPartSize: as many parts as S3 takes hold what it takes, 5 TiB is more
// than an archive has.
func TestPartSize(t *testing.T) {
	total := int64(0)
	for i := range 10000 {
		if s := (&S3{firstPart: firstPart}).partSize(i); s < 5<<20 || s > 5<<30 {
			t.Fatalf("part %d has %d bytes", i, s)
		} else {
			total += s
		}
	}
	if total < 900<<30 {
		t.Errorf("%d GiB in all", total>>30)
	}
}

// TestS3CommitCrash: a process that dies between the completion of an object and
// the removal of what was kept beside it leaves a finished blob, and not one that
// can neither be gone on with nor finished.
func TestS3CommitCrash(t *testing.T) {
	b, _ := s3Store.open(t)
	s := b.(*S3)
	ctx := t.Context()
	for _, size := range []int{100, testPart, testPart + 100} {
		key, data := NewKey(1), noise(size)
		w := begin(t, s.Append, key, data)
		if err := w.Suspend(ctx); err != nil {
			t.Fatal(err)
		}
		kept := map[string][]byte{}
		for _, ending := range []string{stateEnding, tailEnding} {
			if data, err := s.get(ctx, s.part(key, ending)); err == nil {
				kept[ending] = data
			}
		}
		commit(t, begin(t, s.Append, key), data)
		for ending, data := range kept {
			if err := s.put(ctx, s.part(key, ending), data); err != nil {
				t.Fatal(err)
			}
		}
		_, err := s.Pending(ctx, key)
		wantError(t, "an upload that is complete", err, ErrNotFound)
		if got := content(t, s, key); string(got) != string(data) {
			t.Errorf("%d bytes: %d came back", size, len(got))
		}
		leftovers(t, s)
	}
}

// TestS3SweepCopies: a copy that a dead process left does not lie there for ever.
func TestS3SweepCopies(t *testing.T) {
	b, _ := s3Store.open(t)
	key := NewKey(1)
	commit(t, begin(t, b.Create, key, []byte("some")), []byte("some"))
	path, _, err := b.Path(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		before time.Time
		there  bool
	}{{time.Now().Add(-time.Hour), true}, {time.Now().Add(time.Hour), false}} {
		if err := b.Sweep(t.Context(), want.before); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); (err == nil) != want.there {
			t.Errorf("swept before %s: %v, want it there: %t", want.before, err, want.there)
		}
	}
}
