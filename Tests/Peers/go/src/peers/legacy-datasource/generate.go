package main

import (
	"fmt"
	"math"

	"github.com/grafana/grafana-plugin-model/go/datasource"
)

// makeSeries gives ascending points over the request's time range. With several series each gets its own `host` tag.
func makeSeries(request *datasource.DatasourceRequest, query *datasource.Query, model *model) []*datasource.TimeSeries {
	start := request.TimeRange.FromEpochMs
	if model.StartMs != nil {
		start = *model.StartMs
	}
	step := model.StepMs
	if step == 0 {
		step = query.IntervalMs
	}
	if step == 0 {
		step = 1000
	}
	name := model.Name
	if name == "" {
		name = "cpu"
	}
	count := orDefault(model.Series, 1)
	var all []*datasource.TimeSeries
	for index := 0; index < count; index++ {
		series := &datasource.TimeSeries{Name: name, Tags: map[string]string{}}
		for key, value := range model.Tags {
			series.Tags[key] = value
		}
		if count > 1 {
			series.Tags["host"] = fmt.Sprintf("host-%d", index)
		}
		for row := 0; row < orDefault(model.Points, 3); row++ {
			series.Points = append(series.Points, &datasource.Point{
				Timestamp: start + int64(row)*step,
				Value:     float64(index*1000+row) + 0.5,
			})
		}
		if model.Special {
			at := start + int64(len(series.Points))*step
			for offset, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)} {
				series.Points = append(series.Points, &datasource.Point{Timestamp: at + int64(offset)*step, Value: value})
			}
		}
		all = append(all, series)
	}
	return all
}

// makePoints gives large answers whose content is cheap to make and easy to check: value = row.
func makePoints(model *model) []*datasource.TimeSeries {
	var start, step int64 = 1600000000000, 1000
	if model.StartMs != nil {
		start = *model.StartMs
	}
	if model.StepMs != 0 {
		step = model.StepMs
	}
	var all []*datasource.TimeSeries
	for index := 0; index < orDefault(model.Series, 1); index++ {
		points := make([]datasource.Point, model.Points)
		series := &datasource.TimeSeries{
			Name:   fmt.Sprintf("series-%d", index),
			Tags:   map[string]string{"index": fmt.Sprint(index)},
			Points: make([]*datasource.Point, model.Points),
		}
		for row := range points {
			points[row].Timestamp = start + int64(row)*step
			points[row].Value = float64(row)
			series.Points[row] = &points[row]
		}
		all = append(all, series)
	}
	return all
}

// makeTable gives one column of every kind, a NULL in each, one short and one long row.
func makeTable(model *model) *datasource.Table {
	null := &datasource.RowValue{Kind: datasource.RowValue_TYPE_NULL}
	table := &datasource.Table{}
	for _, name := range []string{"Time", "integer", "double", "bool", "text", "bytes", "mixed", "nothing"} {
		table.Columns = append(table.Columns, &datasource.TableColumn{Name: name})
	}
	for row := 0; row < orDefault(model.Rows, 4); row++ {
		mixed := text(fmt.Sprintf("row %d", row))
		if row%2 == 1 {
			mixed = integer(int64(row))
		}
		cells := []*datasource.RowValue{
			integer(1600000000000 + int64(row)*1000),
			integer(9007199254740993 + int64(row)),
			{Kind: datasource.RowValue_TYPE_DOUBLE, DoubleValue: float64(row) + 0.25},
			{Kind: datasource.RowValue_TYPE_BOOL, BoolValue: row%2 == 0},
			text(fmt.Sprintf("text %d é", row)),
			{Kind: datasource.RowValue_TYPE_BYTES, BytesValue: []byte{0xff, byte(row)}},
			mixed,
			null,
		}
		if row == 1 {
			cells = []*datasource.RowValue{null, null, null, null, null, null, null, null}
		}
		if row == 2 {
			cells = cells[:2]
		}
		if row == 3 {
			cells = append(cells, text("beyond the header"))
		}
		table.Rows = append(table.Rows, &datasource.TableRow{Values: cells})
	}
	if model.UnknownKind {
		table.Rows[0].Values[1] = &datasource.RowValue{Kind: 6}
	}
	return table
}

func integer(value int64) *datasource.RowValue {
	return &datasource.RowValue{Kind: datasource.RowValue_TYPE_INT64, Int64Value: value}
}

func text(value string) *datasource.RowValue {
	return &datasource.RowValue{Kind: datasource.RowValue_TYPE_STRING, StringValue: value}
}
