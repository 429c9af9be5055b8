package main

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"google.golang.org/grpc/metadata"
)

// metadataMap is metadata as a command gives it: a string or a list of strings per name. Values of names that end
// in -bin are base64 both in commands and in results.
type metadataMap map[string]metadataValues

type metadataValues []string

func (v *metadataValues) UnmarshalJSON(text []byte) error {
	var single string
	if json.Unmarshal(text, &single) == nil {
		*v = metadataValues{single}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(v))
}

func (m metadataMap) decoded() metadata.MD {
	outgoing := metadata.MD{}
	for name, values := range m {
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				if bytes, err := base64.StdEncoding.DecodeString(value); err == nil {
					value = string(bytes)
				}
			}
			outgoing.Append(name, value)
		}
	}
	return outgoing
}

func readable(received metadata.MD) map[string][]string {
	shown := map[string][]string{}
	for name, values := range received {
		for _, value := range values {
			if strings.HasSuffix(name, "-bin") {
				value = base64.StdEncoding.EncodeToString([]byte(value))
			}
			shown[name] = append(shown[name], value)
		}
	}
	return shown
}
