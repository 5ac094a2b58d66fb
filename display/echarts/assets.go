package echarts

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/base64"
	"fmt"
	"io"
)

// packed is ECharts 6.1.0 (Apache-2.0) with what our charts use of it, bundled by `make vendor-echarts`, gzip.
//
//go:embed assets/echarts.js.gz
var packed []byte

//go:embed assets/chart/*.js
var parts embed.FS

//go:embed assets/LICENSE assets/NOTICE
var licences embed.FS

// Library is ECharts as JavaScript. It names nothing global but a symbol, and does not answer to require.js.
func Library() ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking the chart library: %w", err)
	}
	code, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpacking the chart library: %w", err)
	}
	return code, nil
}

// Script is mptcp-chart.js, which draws payloads with the library. It names nothing global but a symbol.
func Script() []byte {
	var b bytes.Buffer
	b.WriteString("// mptcp-chart.js: draws the charts of mptcpanalyzer. GPL-3.0.\n(() => {\n\"use strict\";\n")
	for _, name := range []string{"data", "number", "axis", "near", "option", "chart", "act"} {
		code, err := parts.ReadFile("assets/chart/" + name + ".js")
		if err != nil {
			panic(err) // the list above names a file that is not embedded: every test fails
		}
		b.Write(code)
	}
	b.WriteString("})();\n")
	return b.Bytes()
}

// Bundle is library and script in one file, as a Jupyter server serves it from the kernelspec under the name echarts.js.
func Bundle() ([]byte, error) {
	library, err := Library()
	if err != nil {
		return nil, err
	}
	return append(append(library, '\n'), Script()...), nil
}

// Licences are the licence texts of the library, by file name. Who ships the library ships them.
func Licences() map[string][]byte {
	all := map[string][]byte{}
	for _, name := range []string{"LICENSE", "NOTICE"} {
		text, err := licences.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // as above
		}
		all["echarts."+name] = text
	}
	return all
}

// packedParts are library and script as a document carries them: gzip, base64.
func packedParts() ([]string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(Script()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	encode := base64.StdEncoding.EncodeToString
	return []string{encode(packed), encode(b.Bytes())}, nil
}
