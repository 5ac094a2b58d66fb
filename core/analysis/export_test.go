package analysis

// CountersOnWire are the names of the counters that the kernel's must equal.
func CountersOnWire() []string {
	var names []string
	for _, c := range counterNames {
		if c.reach == onWire {
			names = append(names, c.name)
		}
	}
	return names
}
