package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/grafana/grafana-plugin-model/go/datasource"
)

// literalResult is a models.QueryResult written as JSON, so that a test can make the plugin send any result.
type literalResult struct {
	// RefID replaces the query's; absent means the query's own.
	RefID    *string          `json:"refId"`
	Error    string           `json:"error"`
	MetaJSON string           `json:"metaJson"`
	Series   []*literalSeries `json:"series"`
	Tables   []*literalTable  `json:"tables"`
	// Omit leaves the result out of the answer.
	Omit bool `json:"omit"`
}

type literalSeries struct {
	Name string            `json:"name"`
	Tags map[string]string `json:"tags"`
	// Points are [milliseconds, value]; a value is a number or one of "NaN", "+Inf", "-Inf", "-0".
	Points [][]json.RawMessage `json:"points"`
}

type literalTable struct {
	Columns []string `json:"columns"`
	// A cell is null or {"kind": NAME OR NUMBER, "value": …}; an unknown kind number is sent as it is.
	Rows [][]*literalCell `json:"rows"`
}

type literalCell struct {
	Kind  json.RawMessage `json:"kind"`
	Value json.RawMessage `json:"value"`
}

func literalResults(refID string, model *model) ([]*datasource.QueryResult, error) {
	literals := model.Results
	if model.Result != nil {
		literals = append([]*literalResult{model.Result}, literals...)
	}
	var results []*datasource.QueryResult
	for _, literal := range literals {
		if literal.Omit {
			continue
		}
		result, err := literal.result(refID)
		if err != nil {
			return []*datasource.QueryResult{failed(refID, "literal: "+err.Error())}, nil
		}
		results = append(results, result)
	}
	return results, nil
}

func (literal *literalResult) result(refID string) (*datasource.QueryResult, error) {
	result := &datasource.QueryResult{RefId: refID, Error: literal.Error, MetaJson: literal.MetaJSON}
	if literal.RefID != nil {
		result.RefId = *literal.RefID
	}
	for _, series := range literal.Series {
		converted := &datasource.TimeSeries{Name: series.Name, Tags: series.Tags}
		for _, pair := range series.Points {
			point, err := literalPoint(pair)
			if err != nil {
				return nil, err
			}
			converted.Points = append(converted.Points, point)
		}
		result.Series = append(result.Series, converted)
	}
	for _, table := range literal.Tables {
		converted := &datasource.Table{}
		for _, name := range table.Columns {
			converted.Columns = append(converted.Columns, &datasource.TableColumn{Name: name})
		}
		for _, row := range table.Rows {
			values := &datasource.TableRow{}
			for _, cell := range row {
				value, err := cell.rowValue()
				if err != nil {
					return nil, err
				}
				values.Values = append(values.Values, value)
			}
			converted.Rows = append(converted.Rows, values)
		}
		result.Tables = append(result.Tables, converted)
	}
	return result, nil
}

func literalPoint(pair []json.RawMessage) (*datasource.Point, error) {
	if len(pair) != 2 {
		return nil, fmt.Errorf("a point is [milliseconds, value], not %d elements", len(pair))
	}
	milliseconds, err := strconv.ParseInt(unquoted(pair[0]), 10, 64)
	if err != nil {
		return nil, err
	}
	value, err := strconv.ParseFloat(unquoted(pair[1]), 64)
	if err != nil {
		return nil, err
	}
	return &datasource.Point{Timestamp: milliseconds, Value: value}, nil
}

func (cell *literalCell) rowValue() (*datasource.RowValue, error) {
	if cell == nil {
		return &datasource.RowValue{Kind: datasource.RowValue_TYPE_NULL}, nil
	}
	kind, err := literalKind(unquoted(cell.Kind))
	if err != nil {
		return nil, err
	}
	value := &datasource.RowValue{Kind: kind}
	switch kind {
	case datasource.RowValue_TYPE_DOUBLE:
		value.DoubleValue, err = strconv.ParseFloat(unquoted(cell.Value), 64)
	case datasource.RowValue_TYPE_INT64:
		value.Int64Value, err = strconv.ParseInt(unquoted(cell.Value), 10, 64)
	case datasource.RowValue_TYPE_BOOL:
		value.BoolValue, err = strconv.ParseBool(unquoted(cell.Value))
	case datasource.RowValue_TYPE_STRING:
		err = json.Unmarshal(cell.Value, &value.StringValue)
	case datasource.RowValue_TYPE_BYTES:
		value.BytesValue, err = base64.StdEncoding.DecodeString(unquoted(cell.Value))
	}
	return value, err
}

// literalKind reads a kind as its number, its protobuf name, or that name without TYPE_. Absent means NULL.
func literalKind(text string) (datasource.RowValue_Kind, error) {
	if text == "" {
		return datasource.RowValue_TYPE_NULL, nil
	}
	if number, err := strconv.ParseInt(text, 10, 32); err == nil {
		return datasource.RowValue_Kind(number), nil
	}
	for _, name := range []string{text, "TYPE_" + text} {
		if number, known := datasource.RowValue_Kind_value[name]; known {
			return datasource.RowValue_Kind(number), nil
		}
	}
	return 0, fmt.Errorf("unknown cell kind %q", text)
}

// unquoted gives the text of a JSON string, or the characters of any other JSON value: numbers keep all their digits.
func unquoted(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
