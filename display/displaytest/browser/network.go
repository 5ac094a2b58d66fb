//go:build !js

package browser

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The page may ask no host but its own. Two watchers see to it:
//
// The browser pauses every request of pages, workers and service workers (and none of its own services) until watch has
// looked at it. Here nothing is allowed to another host, whichever it is.
//
// What leaves the browser in other ways, as a WebSocket does, meets the proxy that it is told to use. There the
// browser's own services come by too, and only those of the table below are passed over.

// browsersOwn says whether Chromium asks that host by itself, whatever page it shows. Which of them it does ask depends
// on how new its profile is, on its version and on chance.
func browsersOwn(host string) bool {
	return slices.Contains([]string{
		"accounts.google.com",                    // whether somebody is signed in
		"android.clients.google.com",             // push messages: check-in of a new profile
		"mtalk.google.com",                       // push messages: the connection that they come by
		"clients1.google.com",                    // services that are told apart by number: experiments,
		"clients2.google.com",                    // updates of extensions,
		"clients3.google.com",                    // whether there is a network,
		"clients4.google.com",                    // usage reports
		"clientservices.googleapis.com",          // experiments
		"update.googleapis.com",                  // components to update
		"redirector.gvt1.com",                    // components to download
		"edgedl.me.gvt1.com",                     // the same
		"content-autofill.googleapis.com",        // what fields of forms mean
		"optimizationguide-pa.googleapis.com",    // hints for loading
		"safebrowsing.googleapis.com",            // lists of bad addresses
		"safebrowsinghttpgateway.googleapis.com", // the same
		"passwordsleakcheck-pa.googleapis.com",   // leaked passwords
		"www.google.com",                         // the search engine's preconnect
	}, strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":5228")) // 5228: of push messages
}

// quieter are flags that keep most of the browser's own services from asking.
func quieter() []chromedp.ExecAllocatorOption {
	var options []chromedp.ExecAllocatorOption
	for _, name := range []string{
		"disable-quic", "disable-component-update", "disable-background-networking", "disable-sync", "disable-domain-reliability",
		"disable-component-extensions-with-background-pages", "no-pings",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	// Push messages know no such flag, so that they are sent where nobody listens: the discard port.
	for _, name := range []string{"gcm-checkin-url", "gcm-registration-url", "gcm-mcs-endpoint"} {
		options = append(options, chromedp.Flag(name, "https://127.0.0.1:9"))
	}
	return append(options, chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,OptimizationHints,"+
		"OptimizationGuideModelDownloading,MediaRouter,AutofillServerCommunication,CertificateTransparencyComponentUpdater"))
}

// newProxy starts the proxy that the browser asks for what is not on this machine.
func (b *Tab) newProxy() *httptest.Server {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !browsersOwn(r.Host) {
			b.note(&b.foreign, r.Host)
		}
		w.WriteHeader(http.StatusForbidden)
	}))
	b.t.Cleanup(proxy.Close)
	return proxy
}

// watch looks at every request of the page and its workers from now on: one to another host is recorded and fails.
func (b *Tab) watch() {
	b.t.Helper()
	b.Do() // starts the browser
	paused := chromedp.BrowserEvents(b.Ctx, fetch.RequestPaused)
	if _, err := chromedp.CallBrowser(b.Ctx, fetch.Enable, fetch.EnableParams{}); err != nil {
		b.t.Fatal(err)
	}
	go func() {
		for e, err := range paused {
			if err != nil {
				return
			}
			// An error means that the request is no more: its page was left. There is nobody to answer.
			if u, err := url.Parse(e.Request.URL); err == nil && (u.Host == "" || "http://"+u.Host == b.home) {
				chromedp.CallBrowser(b.Ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: e.RequestID})
				continue
			}
			b.note(&b.foreign, e.Request.URL)
			chromedp.CallBrowser(b.Ctx, fetch.FailRequest, fetch.FailRequestParams{
				RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient,
			})
		}
	}()
}
