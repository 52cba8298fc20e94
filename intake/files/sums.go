package files

import (
	"crypto/md5" //nolint:gosec // the original's clients compare it; SHA-256 is what counts
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"sync"
)

// sums are both checksums of what came so far; their state can be kept and gone
// on with, so that nothing is read twice after a cut.
type sums struct {
	sha, md hash.Hash
	size    int64
}

func newSums() *sums { return &sums{sha: sha256.New(), md: md5.New()} }

// add takes p.
func (s *sums) add(p []byte) {
	s.size += int64(len(p))
	var wg sync.WaitGroup
	wg.Go(func() { s.md.Write(p) })
	s.sha.Write(p)
	wg.Wait()
}

func (s *sums) sum() Sum {
	return Sum{Size: s.size, SHA256: hex.EncodeToString(s.sha.Sum(nil)), MD5: hex.EncodeToString(s.md.Sum(nil))}
}

// sumsState is how far the sums are, as it is kept beside an unfinished blob.
type sumsState struct {
	Offset int64  `json:"offset"`
	SHA256 []byte `json:"sha256"`
	MD5    []byte `json:"md5"`
}

// kept is the state of one checksum.
func kept(h hash.Hash) ([]byte, error) { return h.(encoding.BinaryMarshaler).MarshalBinary() }

// restore goes on where a state was taken.
func (st sumsState) restore() (*sums, error) {
	s := newSums()
	s.size = st.Offset
	if err := s.sha.(encoding.BinaryUnmarshaler).UnmarshalBinary(st.SHA256); err != nil {
		return nil, fmt.Errorf("kept state of sha256: %w", err)
	}
	if err := s.md.(encoding.BinaryUnmarshaler).UnmarshalBinary(st.MD5); err != nil {
		return nil, fmt.Errorf("kept state of md5: %w", err)
	}
	return s, nil
}

// decodeState reads a kept state, T being sumsState or what holds one.
func decodeState[T any](data []byte) (st T, err error) {
	if err = json.Unmarshal(data, &st); err != nil {
		err = fmt.Errorf("kept state of an upload: %w", err)
	}
	return st, err
}
