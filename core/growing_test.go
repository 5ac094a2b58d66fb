package core_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// onlooker is an Output that calls seen with each page that refreshes.
type onlooker struct {
	strings.Builder
	seen func()
}

func (o *onlooker) Show(b display.Block) error { return text.Renderer{}.Block(&o.Builder, b) }
func (o *onlooker) Progress(p display.Progress) {
	if p.Page != nil {
		o.seen()
	}
}
func (o *onlooker) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// A file is looked on while it grows, until its writer begins another one: what came until then is kept.
func TestGrowingFile(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(coretest.Captures(), "handover.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		end  func(file string) error
		want string
	}{
		"cut":      {func(file string) error { return os.Truncate(file, 10) }, "the file was cut short"},
		"rotated":  {func(file string) error { return rotate(file, whole[:1000]) }, "another file has the name now"},
		"finished": {nil, "interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "growing.pcapng")
			if err := os.WriteFile(file, whole[:len(whole)/3+1], 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			pages, out := 0, &onlooker{}
			out.seen = func() {
				switch pages++; {
				case pages == 1:
					add(t, file, whole[len(whole)/3+1:])
				case pages == 3 && test.end == nil:
					cancel()
				case pages == 3:
					if err := test.end(file); err != nil {
						t.Error(err)
					}
				}
			}
			s := core.New(disk.Options())
			if err := s.Run(ctx, "load --follow "+core.Quote(file), out); err != nil {
				t.Fatal(err)
			}
			if ctx.Err() == context.DeadlineExceeded || !strings.Contains(out.String(), test.want) || !strings.Contains(out.String(), "what came until then is kept") {
				t.Errorf("the answer is %s", out.String())
			}
			once := core.New(disk.Options())
			if err := once.Run(context.Background(), "load "+core.Quote(filepath.Join(coretest.Captures(), "handover.client.pcapng")), &onlooker{}); err != nil {
				t.Fatal(err)
			}
			if got, want := s.Capture("1").Trace.Len(), once.Capture("1").Trace.Len(); got != want {
				t.Errorf("%d packets are kept, want %d", got, want)
			}
		})
	}
}

func add(t *testing.T, file string, more []byte) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.Write(more)
		f.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

func rotate(file string, next []byte) error {
	if err := os.Rename(file, file+".1"); err != nil {
		return err
	}
	return os.WriteFile(file, next, 0o600)
}
