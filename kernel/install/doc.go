// Package install makes the kernel known to Jupyter: it writes and removes kernelspecs (a folder with kernel.json, logos
// and the chart library that front ends fetch from it), and examines an installation.
//
// A kernelspec names the program by its absolute path. A program that stands where it may soon be gone (a temporary build
// of `go run`, a folder that is not on PATH) is copied into the kernelspec's folder, so that the kernel survives when it
// is moved or removed.
package install
