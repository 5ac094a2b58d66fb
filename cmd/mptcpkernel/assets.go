package main

// assets are the files that front ends fetch from the kernelspec.
func assets() map[string][]byte { return map[string][]byte{} }
