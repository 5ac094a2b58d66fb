package main

import "errors"

// writeProfile is for native programs: what it runs is too heavy for a browser.
func writeProfile(string, options) error { return errors.ErrUnsupported }
