package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// setFields takes names, or reads the original's JSON object of heads and names.
func (a *arguments) setFields() error {
	for _, word := range a.fields {
		if !strings.HasSuffix(strings.ToLower(word), ".json") {
			a.request.Fields = append(a.request.Fields, word)
			continue
		}
		fields, err := readFields(word)
		if err != nil {
			return fmt.Errorf("%s: %w", word, disk.Plain(err))
		}
		a.request.Fields = append(a.request.Fields, fields...)
	}
	return nil
}

// readFields reads a JSON object {head: field, …}, keeping its order, or a list of fields.
func readFields(name string) ([]string, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := json.NewDecoder(export.Unmarked(file))
	fields, err := decodeFields(d)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more stands behind the fields")
		}
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("ends in the middle: an object of heads and fields is needed")
	case err == nil && len(fields) == 0:
		return nil, errors.New("names no field")
	}
	return fields, err
}

func decodeFields(d *json.Decoder) ([]string, error) {
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	object := open == json.Delim('{')
	if !object && open != json.Delim('[') {
		return nil, errors.New("an object of heads and fields is needed")
	}
	var fields []string
	for d.More() {
		word, err := text(d)
		if err != nil {
			return nil, err
		}
		if object {
			field, err := text(d)
			if err != nil {
				return nil, err
			}
			word += "=" + field
		}
		fields = append(fields, word)
	}
	_, err = d.Token() // the closing bracket
	return fields, err
}

func text(d *json.Decoder) (string, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	word, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%v is no text", token)
	}
	return word, nil
}
