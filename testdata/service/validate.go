package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A Validator asks the validation service whether items are acceptable.
type Validator struct {
	url     string
	timeout time.Duration
	client  *http.Client
}

// NewValidator returns a client of the validation service at the URL, which
// gives up on a request after the timeout.
func NewValidator(url string, timeout time.Duration) *Validator {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = transport.MaxIdleConns // there is one host only
	return &Validator{url: url, timeout: timeout, client: &http.Client{Transport: transport}}
}

// An Answer is what the validation service says about an item.
type Answer struct {
	OK     bool   `json:"ok"`
	Reason string `json:"reason,omitempty"` // why not
}

// Validate asks the service about one item.
func (v *Validator) Validate(ctx context.Context, item Item) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	body, err := json.Marshal(item)
	if err != nil {
		return Answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := v.client.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("validate %s: %s", item.ID, resp.Status)
	}
	var answer Answer
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&answer); err != nil {
		return Answer{}, fmt.Errorf("validate %s: %w", item.ID, err)
	}
	return answer, nil
}
