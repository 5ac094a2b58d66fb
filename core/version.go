package core

import "runtime/debug"

// version is the release that is being worked on.
const version = "0.1.0"

// Version is the release, with the commit it was built from where the build knows it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return version + " (" + s.Value[:12] + ")"
		}
	}
	return version
}
