package match

// steps finds jumps of either clock.
func (e *estimator) steps() {}

// settle brings the sizes of the steps and the drift into accord.
func (e *estimator) settle(ridges []ridge, given Given) {}
