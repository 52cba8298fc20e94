package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// callTimeout bounds one request to S3, the transfer of a part included.
const callTimeout = 10 * time.Minute

// S3 is a Blobs in a bucket. Blobs arrive as multipart uploads; what is less
// than a part waits in a local file without a name.
type S3 struct {
	core           *minio.Core
	bucket, prefix string // prefix is empty or ends in a slash
	tmp            string
	firstPart      int64
}

// OpenS3 takes s3://KEY:SECRET@host:port/bucket/prefix?region=…&insecure=1, or
// https:// and http:// with the same; tmp is a folder for parts and for Path.
// The bucket must exist.
func OpenS3(ctx context.Context, rawURL, tmp string) (*S3, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("the URL of S3 is none: want s3://KEY:SECRET@host:port/bucket, with special characters of the secret written as %XX")
	}
	secret, _ := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if u.Host == "" || bucket == "" || !slices.Contains([]string{"s3", "https", "http"}, u.Scheme) {
		return nil, fmt.Errorf("URL of S3 %s: want s3://KEY:SECRET@host:port/bucket", u.Redacted())
	}
	creds := credentials.NewStaticV4(u.User.Username(), secret, "")
	if u.User == nil {
		creds = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{Client: &http.Client{Timeout: 5 * time.Second}}})
	}
	insecure := u.Scheme == "http" || u.Scheme == "s3" && u.Query().Get("insecure") == "1"
	core, err := minio.NewCore(u.Host, &minio.Options{Creds: creds, Secure: !insecure, Region: u.Query().Get("region")})
	if err != nil {
		return nil, fmt.Errorf("S3 at %s: %w", u.Host, err)
	}
	if err := os.MkdirAll(tmp, dirMode); err != nil {
		return nil, fmt.Errorf("folder for parts: %w", err)
	}
	s := &S3{core: core, bucket: bucket, prefix: prefix, tmp: tmp, firstPart: firstPart}
	if prefix != "" {
		s.prefix += "/"
	}
	ok, err := core.BucketExists(ctx, bucket)
	if err == nil && !ok {
		err = errors.New("there is none, create it first")
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s at %s: %w", bucket, u.Host, err)
	}
	return s, nil
}

func (s *S3) object(key string) string { return s.prefix + key }

// part names what is kept beside an unfinished blob.
func (s *S3) part(key, ending string) string {
	return s.prefix + partsDir + "/" + partName(key) + ending
}

// s3Error gives S3's codes our names.
func s3Error(key string, err error) error {
	if err == nil {
		return nil
	}
	answer := minio.ToErrorResponse(err)
	switch {
	case answer.Code == "NoSuchKey" || answer.Code == "NoSuchUpload" || answer.StatusCode == http.StatusNotFound:
		return fmt.Errorf("file %s: %w", key, ErrNotFound)
	case answer.StatusCode == http.StatusInsufficientStorage, slices.Contains(fullCodes, answer.Code):
		return fmt.Errorf("file %s: %w: %w", key, ErrNoSpace, err)
	}
	return fmt.Errorf("file %s: %w", key, spaceError(err))
}

// fullCodes are what servers of S3 say when they or a quota are full.
var fullCodes = []string{"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "InsufficientStorage", "EntityTooLarge"}

// Open implements Blobs.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error) {
	if err := checkKey(key); err != nil {
		return nil, Info{}, err
	}
	obj, err := s.core.Client.GetObject(ctx, s.bucket, s.object(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, Info{}, s3Error(key, err)
	}
	st, err := obj.Stat()
	if err != nil {
		obj.Close()
		return nil, Info{}, s3Error(key, err)
	}
	return obj, Info{key, st.Size, st.LastModified}, nil
}

// copyPrefix is what the names of copies begin with.
const copyPrefix = "blob-"

// Path implements Blobs: a copy.
func (s *S3) Path(ctx context.Context, key string) (string, func(), error) {
	obj, _, err := s.Open(ctx, key)
	if err != nil {
		return "", nil, err
	}
	defer obj.Close()
	file, err := os.CreateTemp(s.tmp, copyPrefix+"*")
	if err != nil {
		return "", nil, fmt.Errorf("copy of file %s: %w", key, spaceError(err))
	}
	remove := func() { _ = os.Remove(file.Name()) }
	_, err = io.Copy(file, obj)
	if err = errors.Join(err, file.Close()); err != nil {
		remove()
		return "", nil, fmt.Errorf("copy of file %s: %w", key, spaceError(err))
	}
	return file.Name(), remove, nil
}

// Delete implements Blobs.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := s.Forget(ctx, key); err != nil {
		return err
	}
	return s.remove(ctx, s.object(key))
}

// remove deletes an object, which need not be there.
func (s *S3) remove(ctx context.Context, name string) error {
	err := s3Error(name, s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// List implements Blobs.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		ctx, cancel := context.WithCancel(ctx) // ends the listing with the loop
		defer cancel()
		opts := minio.ListObjectsOptions{Prefix: s.object(prefix), Recursive: true}
		for o := range s.core.Client.ListObjects(ctx, s.bucket, opts) {
			if o.Err != nil {
				yield(Info{}, fmt.Errorf("list of files: %w", o.Err))
				return
			}
			key := strings.TrimPrefix(o.Key, s.prefix)
			if checkKey(key) == nil && !yield(Info{key, o.Size, o.LastModified}, nil) {
				return
			}
		}
	}
}

// Pending implements Blobs. A state beside an object is what a process left that
// died when it had just finished it, or that was not told that it had.
func (s *S3) Pending(ctx context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	st, err := s.readState(ctx, key)
	if err != nil {
		return 0, err
	}
	_, err = s.core.StatObject(ctx, s.bucket, s.object(key), minio.StatObjectOptions{})
	if err == nil {
		return 0, errors.Join(fmt.Errorf("file %s: %w: it is complete", key, ErrNotFound), s.removeParts(ctx, key))
	}
	if err = s3Error(key, err); !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	return st.Offset, nil
}

// Forget implements Blobs.
func (s *S3) Forget(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	st, err := s.readState(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil && st.Upload != "" {
		err = s3Error(key, s.core.AbortMultipartUpload(ctx, s.bucket, s.object(key), st.Upload))
		if errors.Is(err, ErrNotFound) {
			err = nil
		}
	}
	return errors.Join(err, s.removeParts(ctx, key))
}

func (s *S3) removeParts(ctx context.Context, key string) error {
	return errors.Join(s.remove(ctx, s.part(key, tailEnding)), s.remove(ctx, s.part(key, stateEnding)))
}

// Sweep implements Blobs. A multipart upload that is gone on with has a young state.
func (s *S3) Sweep(ctx context.Context, before time.Time) error {
	young := map[string]bool{}
	var errs []error
	parts := s.prefix + partsDir + "/"
	for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: parts, Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("unfinished files: %w", o.Err)
		}
		name, isState := strings.CutSuffix(strings.TrimPrefix(o.Key, parts), stateEnding)
		key := strings.ReplaceAll(strings.TrimSuffix(name, tailEnding), "+", "/")
		switch {
		case !o.LastModified.Before(before):
			young[key] = true
		case isState:
			errs = append(errs, s.Forget(ctx, key))
		}
	}
	for u := range s.core.Client.ListIncompleteUploads(ctx, s.bucket, s.prefix, true) {
		if u.Err != nil {
			return fmt.Errorf("unfinished files: %w", u.Err)
		}
		key := strings.TrimPrefix(u.Key, s.prefix)
		if u.Initiated.Before(before) && !young[key] && checkKey(key) == nil {
			errs = append(errs, s3Error(key, s.core.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID)))
		}
	}
	return errors.Join(append(errs, s.sweepCopies(before))...)
}

// sweepCopies removes copies of Path whose process died.
func (s *S3) sweepCopies(before time.Time) error {
	entries, err := os.ReadDir(s.tmp)
	errs := []error{err}
	for _, e := range entries {
		st, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), copyPrefix) && st.ModTime().Before(before) {
			err = os.Remove(filepath.Join(s.tmp, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Free implements Blobs: nobody knows how much a bucket may hold.
func (s *S3) Free(context.Context) (Usage, error) { return Usage{}, nil }

// Check implements Blobs.
func (s *S3) Check(ctx context.Context) error {
	name := s.prefix + path.Join(partsDir, randomName()+".check")
	const text = "ok"
	if err := s.put(ctx, name, []byte(text)); err != nil {
		return err
	}
	data, err := s.get(ctx, name)
	if err == nil && string(data) != text {
		err = fmt.Errorf("the bucket %s gave back %q for %q", s.bucket, data, text)
	}
	return errors.Join(err, s.remove(ctx, name))
}

func (s *S3) put(ctx context.Context, name string, data []byte) error {
	_, err := s.core.Client.PutObject(ctx, s.bucket, name, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{})
	return s3Error(name, err)
}

func (s *S3) get(ctx context.Context, name string) ([]byte, error) {
	obj, err := s.core.Client.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, s3Error(name, err)
	}
	defer obj.Close()
	data, err := io.ReadAll(obj)
	return data, s3Error(name, err)
}
