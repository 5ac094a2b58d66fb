// Package memory advises the operating system about memory that much will be read into. It refuses nothing: where advice
// is not taken, memory is had as ever, a little slower.
package memory
