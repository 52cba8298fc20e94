package lokirun

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// get returns the body of a 200 answer; any other status is an error with the text that Loki sent.
func (l *Server) get(ctx context.Context, path string, params url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.URL()+path+"?"+params.Encode(), http.NoBody)
	if err != nil {
		return nil, err
	}
	// Without this flag Loki mixes structured metadata into the stream labels.
	req.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	if l.tenant != "" {
		req.Header.Set("X-Scope-OrgID", l.tenant)
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() // read to the end below
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %d: %s", path, resp.StatusCode, strings.TrimSpace(string(body)))
	}
	return body, nil
}

// answer is the envelope of the query API. Result depends on ResultType: streams, vector, scalar or matrix.
type answer struct {
	Data struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
}

// ask calls a query endpoint and decodes the result of the wanted type into result.
func (l *Server) ask(ctx context.Context, path string, params url.Values, want string, result any) error {
	body, err := l.get(ctx, path, params)
	if err != nil {
		return fmt.Errorf("query %q: %w", params.Get("query"), err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("query %q: decoding the answer: %w", params.Get("query"), err)
	}
	if a.Data.ResultType != want {
		return fmt.Errorf("query %q: answer is a %q, want a %q", params.Get("query"), a.Data.ResultType, want)
	}
	return json.Unmarshal(a.Data.Result, result)
}
