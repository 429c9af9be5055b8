package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/golang/protobuf/jsonpb"
	"github.com/golang/protobuf/proto"
)

// rawMessage passes bytes through gRPC's ordinary protobuf codec untouched, so that what the peer sent can be seen
// byte for byte, and anything can be sent.
type rawMessage struct {
	bytes []byte
}

func (m *rawMessage) Reset()                   { m.bytes = nil }
func (m *rawMessage) String() string           { return fmt.Sprintf("%d bytes", len(m.bytes)) }
func (m *rawMessage) ProtoMessage()            {}
func (m *rawMessage) Marshal() ([]byte, error) { return m.bytes, nil }
func (m *rawMessage) Unmarshal(data []byte) error {
	m.bytes = append([]byte(nil), data...)
	return nil
}

// encodedRequest is the message of a command: requestBase64 as it is, or request as protobuf JSON.
func encodedRequest(command *command, method method) (*rawMessage, error) {
	if command.RequestBase64 != nil {
		decoded, err := base64.StdEncoding.DecodeString(*command.RequestBase64)
		return &rawMessage{decoded}, err
	}
	if method.request == nil || len(command.Request) == 0 {
		return &rawMessage{}, nil
	}
	text, err := withBytesEncoded(command.Request)
	if err != nil {
		return nil, err
	}
	message := method.request()
	if err := jsonpb.Unmarshal(bytes.NewReader(text), message); err != nil {
		return nil, err
	}
	encoded, err := proto.Marshal(message)
	return &rawMessage{encoded}, err
}

// bytesFields are the fields of type bytes that carry JSON. A test may write them as an object or array; they are
// sent with exactly the characters given.
var bytesFields = map[string]bool{"json": true, "jsonData": true, "body": true, "data": true, "objectBytes": true}

func withBytesEncoded(value json.RawMessage) (json.RawMessage, error) {
	text := strings.TrimSpace(string(value))
	switch {
	case strings.HasPrefix(text, "{"):
		var object map[string]json.RawMessage
		if err := json.Unmarshal(value, &object); err != nil {
			return nil, err
		}
		for key, member := range object {
			first := strings.TrimSpace(string(member))[0]
			if bytesFields[key] && (first == '{' || first == '[') {
				object[key] = json.RawMessage(`"` + base64.StdEncoding.EncodeToString(member) + `"`)
			} else if replaced, err := withBytesEncoded(member); err != nil {
				return nil, err
			} else {
				object[key] = replaced
			}
		}
		return json.Marshal(object)
	case strings.HasPrefix(text, "["):
		var array []json.RawMessage
		if err := json.Unmarshal(value, &array); err != nil {
			return nil, err
		}
		for index, element := range array {
			replaced, err := withBytesEncoded(element)
			if err != nil {
				return nil, err
			}
			array[index] = replaced
		}
		return json.Marshal(array)
	}
	return value, nil
}

// describe adds a received message to a result: as protobuf JSON, and as bytes where asked or where it does not decode.
func describe(raw *rawMessage, command *command, method method) result {
	line := result{"responseBytes": len(raw.bytes)}
	if command.Omit {
		return line
	}
	if command.Raw || method.response == nil {
		line["responseBase64"] = base64.StdEncoding.EncodeToString(raw.bytes)
	}
	if method.response == nil {
		return line
	}
	message := method.response()
	if err := proto.Unmarshal(raw.bytes, message); err != nil {
		line["decodeError"] = err.Error()
		line["responseBase64"] = base64.StdEncoding.EncodeToString(raw.bytes)
		return line
	}
	text, err := (&jsonpb.Marshaler{}).MarshalToString(message)
	if err != nil {
		line["decodeError"] = err.Error()
		return line
	}
	line["response"] = json.RawMessage(text)
	return line
}
