package main

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// assets are the files that front ends fetch from the kernelspec: the chart library, and its licence.
func assets() (map[string][]byte, error) {
	library, err := echarts.Bundle()
	if err != nil {
		return nil, err
	}
	files := echarts.Licences()
	files["echarts.js"] = library
	return files, nil
}
