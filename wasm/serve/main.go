// Command serve shows the built page on this machine only:
//
//	go run ./wasm/serve [-addr 127.0.0.1:8080] [DIR]
//
// DIR is the built page, wasm/dist by default. It prints the address. Where the port is taken it takes a free one.
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	dir := "wasm/dist"
	if flag.NArg() > 0 {
		dir = flag.Arg(0)
	}
	if err := serve(dir, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(dir, addr string) error {
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
		return fmt.Errorf("%w (make web builds the page)", err)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		host, _, _ := net.SplitHostPort(addr)
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return err
		}
	}
	fmt.Printf("http://%s/\n", listener.Addr())
	server := &http.Server{Handler: site.Handler(os.DirFS(dir)), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
