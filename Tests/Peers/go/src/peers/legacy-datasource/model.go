package main

import (
	"encoding/json"
	"time"
)

// model is a query's modelJson: the scenario and its parameters. Keys a host adds (refId, datasource, …) are ignored.
type model struct {
	Scenario string `json:"scenario"`

	// error, goerror, crash
	Message string `json:"message"`
	// goerror: a gRPC status code; exit: the exit code
	Code int `json:"code"`
	// sleep, crash, exit: milliseconds
	Ms           int64 `json:"ms"`
	IgnoreCancel bool  `json:"ignoreCancel"`

	// series, points
	Name    string            `json:"name"`
	Tags    map[string]string `json:"tags"`
	Series  int               `json:"series"`
	Points  int               `json:"points"`
	StartMs *int64            `json:"startMs"`
	StepMs  int64             `json:"stepMs"`
	Special bool              `json:"special"`

	// table
	Rows        int  `json:"rows"`
	UnknownKind bool `json:"unknownKind"`

	// literal
	Result  *literalResult   `json:"result"`
	Results []*literalResult `json:"results"`

	// echo
	As                string   `json:"as"`
	EnvironmentValues []string `json:"environmentValues"`

	// raw
	Base64 string `json:"base64"`

	// noisy: how often; noisy, stdoutflood, realstdout: bytes of long output
	Lines       int  `json:"lines"`
	Bytes       int  `json:"bytes"`
	HostKilling bool `json:"hostKilling"`
}

func parseModel(text string) (*model, error) {
	parsed := &model{}
	if err := json.Unmarshal([]byte(text), parsed); err != nil {
		return nil, err
	}
	return parsed, nil
}

func (m *model) delay() time.Duration {
	return time.Duration(m.Ms) * time.Millisecond
}

func (m *model) messageOr(otherwise string) string {
	if m.Message != "" {
		return m.Message
	}
	return otherwise
}

func orDefault(value, otherwise int) int {
	if value > 0 {
		return value
	}
	return otherwise
}
