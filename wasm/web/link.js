// Charts of one view on one axis of time: what is zoomed in one is zoomed in all, and a line goes through all of them.

/** A group of charts. onwindow({from, to, whole}) is told when the window changes, in ns since the capture began. */
export class Link {
  #charts = [];
  #busy = false; // a change is being passed on
  #onwindow;
  #settling;

  constructor(onwindow) {
    this.#onwindow = onwindow;
  }

  /** The options that make a chart part of the group. */
  options() {
    return {
      onWindow: (w) => this.#pass((chart) => chart.zoom(w), w),
      onCross: (x) => this.#charts.forEach((chart) => chart.cross(x)),
    };
  }

  /** Adds a chart that has been drawn, where it is over the group's time. */
  add(chart) {
    const { unit, base, log } = chart.payload.x;
    if (unit !== 'ns' || log || (this.#charts.length && base !== this.#charts[0].payload.x.base)) return;
    this.#charts.push(chart);
    this.align();
  }

  /** Gives all charts the same ends and the same left edge. */
  align() {
    const from = Math.min(...this.#charts.map((c) => c.full.from));
    const to = Math.max(...this.#charts.map((c) => c.full.to));
    const left = Math.max(...this.#charts.map((c) => c.gutter));
    this.#charts.forEach((c) => c.widen({ from, to }, left));
  }

  /** Shows a window in every chart; the whole for null. */
  zoom(w) {
    this.#charts[0]?.zoom(w);
  }

  /** What is shown, or null where that is all. */
  get window() {
    const c = this.#charts[0];
    return c && (c.shown.from > c.full.from || c.shown.to < c.full.to) ? c.window() : null;
  }

  /** Whether a window has nothing of what the charts are over. */
  misses(w) { return this.#charts.length > 0 && this.#charts.every(({ full }) => w.to < full.from || w.from > full.to); }

  /** Marks a packet in every chart, {frame, x}; none for null. */
  pick(packet) { this.#charts.forEach((c) => c.pick(packet)); }

  end() {
    clearTimeout(this.#settling);
    this.#charts = [];
  }

  #pass(show, w) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      this.#charts.forEach(show);
    } finally {
      this.#busy = false;
    }
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#onwindow?.(this.window), 250);
  }
}
