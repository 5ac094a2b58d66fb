//go:build !js

package main_test

import (
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/pwa"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// The page is installed as an app, and the system opens a capture with it.
func TestInstalled(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	app := b.host.URL + "/"
	if _, err := chromedp.CallBrowser(b.Ctx, pwa.Install, pwa.InstallParams{ManifestID: app, InstallURLOrBundleURL: app}); err != nil {
		t.Skip("this browser installs no app on its own: ", err)
	}
	state, err := chromedp.CallBrowser(b.Ctx, pwa.GetOsAppState, pwa.GetOsAppStateParams{ManifestID: app})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, handler := range state.FileHandlers {
		for _, accepted := range handler.Accepts {
			for _, extension := range accepted.FileExtensions {
				known[extension] = true
			}
		}
	}
	for _, extension := range []string{".pcap", ".pcapng", ".gz", ".zst"} {
		if !known[extension] {
			t.Errorf("the system is not told that the app opens %s", extension)
		}
	}
	opened, err := chromedp.CallBrowser(b.Ctx, pwa.LaunchFilesInApp, pwa.LaunchFilesInAppParams{
		ManifestID: app, Files: []string{capture(t, "fastclose.client.pcapng")},
	})
	if err != nil || len(opened.TargetIDs) != 1 {
		t.Fatalf("the app opens in windows %q: %v", opened.TargetIDs, err)
	}
	titles := func() (titles []string) {
		t.Helper()
		all, err := chromedp.CallBrowser(b.Ctx, target.GetTargets, target.GetTargetsParams{})
		if err != nil {
			t.Fatal(err)
		}
		for _, window := range all.TargetInfos {
			titles = append(titles, window.Title)
		}
		return titles
	}
	for end := time.Now().Add(browser.Patience); !slices.Contains(titles(), "fastclose.client.pcapng · mptcpanalyzer"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no window shows the capture: %q", titles())
		}
	}
	b.Quiet()
}
