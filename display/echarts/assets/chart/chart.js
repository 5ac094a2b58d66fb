// ---- chart: one chart on the page

const FORMAT = 2; // of the payload
const SETTLE = 150; // ms without a change before finer data is asked for
const ASIDE = 400; // ms without a change before a chart that is not on the screen is drawn

// element makes an element with styles set one by one, which strict pages allow.
function element(name, style, text) {
  const e = document.createElement(name);
  Object.assign(e.style, style);
  if (text !== undefined) e.textContent = text;
  return e;
}

// schemeOf asks the front end: JupyterLab, VS Code, our page. Others are light; "auto" asks the system.
function schemeOf(wanted) {
  if (wanted === "light" || wanted === "dark") return wanted;
  const lab = document.body.dataset.jpThemeLight;
  if (lab) return lab === "false" ? "dark" : "light";
  if (document.body.classList.contains("vscode-dark")) return "dark";
  const page = document.documentElement.dataset.theme;
  if (page === "light" || page === "dark") return page;
  return wanted === "auto" && matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

// Chart is what draw returns. See draw.
class Chart {
  constructor(echarts, host, payload, options) {
    this.echarts = echarts;
    this.payload = payload;
    this.options = options || {};
    this.levels = payload.levels.map(levelOf);
    this.level = this.levels[0];
    const extent = this.levels[0];
    const instant = payload.x.log ? DECADE / 20 : payload.x.unit === "ns" ? 5e5 : 1; // on either side of the only one
    this.full = extent.from < extent.to ? { from: extent.from, to: extent.to } : { from: extent.from - instant, to: extent.to + instant };
    this.shown = { ...this.full };
    this.state = { detail: "", tools: 0 };
    this.build(host);
    this.scheme = schemeOf(this.options.scheme);
    this.instance = echarts.init(this.canvas, null, { renderer: this.options.renderer || "canvas", width: this.width(), height: 300 });
    this.redraw();
    this.listen();
  }

  // build makes the elements: the canvas, buttons over its right upper corner, the tooltip.
  build(host) {
    this.host = host;
    this.root = element("div", { position: "relative", width: "100%", outlineOffset: "2px" });
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", this.payload.option.title?.text || "chart");
    this.canvas = element("div", { width: "100%", touchAction: "pan-y pinch-zoom" }); // a finger that moves sideways selects
    this.tools = element("div", { position: "absolute", right: "12px", top: "9px", display: "flex", gap: "8px", font: `12px/1.45 ${FONT}`, alignItems: "baseline" });
    this.zoomed = element("span", {}, "");
    this.reset = this.button("Reset zoom", "back to the whole chart (0)", () => this.zoom(null));
    this.tools.append(this.zoomed, this.reset);
    if (this.options.save !== false) {
      this.tools.append(this.button("PNG", "save as a picture", () => this.download("png")), this.button("SVG", "save as a drawing", () => this.download("svg")));
    }
    this.tip = element("div", { position: "absolute", display: "none", boxSizing: "border-box", pointerEvents: "none", zIndex: 10, padding: "6px 8px", borderRadius: "4px", border: "1px solid", boxShadow: "0 2px 8px rgba(0,0,0,.18)", font: `12px/1.45 ${FONT}`, fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" });
    this.root.append(this.canvas, this.tools, this.tip);
    host.replaceChildren(this.root);
  }

  button(text, title, act) {
    const b = element("button", { font: "inherit", background: "none", border: 0, padding: 0, cursor: "pointer" }, text);
    b.type = "button";
    b.title = title;
    b.addEventListener("click", act);
    return b;
  }

  width() { return Math.max(Math.floor(this.host.clientWidth), 240); }

  colours() {
    const p = this.payload, dark = this.scheme === "dark";
    return { ...(dark ? p.dark : p.light), series: (k) => (dark ? p.series[k].dark : p.series[k].light) };
  }

  // visible says whether a series is not hidden in the legend.
  visible(k) { return this.hidden?.[this.payload.option.series[k].name] !== false; }

  // look computes ticks, ranges and places for the window shown.
  look(width, height) {
    const p = this.payload, { from, to } = this.shown;
    this.describe();
    const place = layout(p, this.state, width, height);
    const panels = place.panels.map((at, i) => {
      const [lo, hi] = padded(...rangeOf(p, this.level, i, from, to, (k) => this.visible(k)));
      return { ...at, lo, hi, ticks: ticksOf(p.y[i], lo, hi, Math.max(Math.floor(at.height / 40), 2)) };
    });
    const labels = panels.flatMap((q) => [...q.ticks.label.values()]).map((l) => measure(l, sizesOf(p).tick));
    this.gutter = EDGE + Math.max(10, ...labels) + GAP;
    const left = Math.max(this.gutter, this.aligned || 0);
    for (const q of panels) Object.assign(q, { left, width: Math.max(width - left - EDGE - 4, 40) });
    const ticks = ticksOf(p.x, from, to, Math.max(Math.floor(panels[0].width / 90), 2));
    if (isEmpty(this.level)) ticks.at = [];
    this.view = { from, to, least: this.full.from, most: this.full.to, panels, ticks };
    this.place = place;
  }

  // describe says in the subtitle what level of detail is shown, and how to see more.
  describe() {
    const l = this.level, n = (v) => thousands(String(v));
    const parts = [];
    if (l.marks < l.points) parts.push(`${n(l.points)} points as ${n(l.marks)} marks`);
    const span = this.shown.to - this.shown.from, closer = span < (this.full.to - this.full.from) * 0.999;
    if (closer && !this.options.more && l.marks < l.points && this.payload.command && this.payload.x.moments) {
      const s = (ns) => (ns / 1e9).toFixed(3);
      parts.push(`closer: ${this.payload.command} --from ${s(this.shown.from)} --to ${s(this.shown.to)}`);
    }
    this.state.detail = parts.join(" · ");
    this.zoomed.textContent = closer ? [this.shown.from, this.shown.to].map((v) => scaled(this.payload.x.log ? logValue(v) : v, this.payload.x.unit)).join(" – ") : "";
    this.reset.style.display = closer ? "" : "none";
    this.state.tools = this.tools.offsetWidth + 12;
  }

  redraw() {
    const width = this.width(), colours = this.colours();
    this.look(width, this.options.height || this.payload.height);
    this.canvas.style.height = this.place.height + "px";
    if (width !== this.instance.getWidth() || this.place.height !== this.instance.getHeight()) {
      this.instance.resize({ width, height: this.place.height, silent: true }); // this draws what was
    }
    const option = optionOf(this.payload, this.level, this.view, this.place, colours, this.hidden);
    // Merging keeps the lines of a legend that has fewer now, so that the legend is then made anew.
    const lines = option.legend.length;
    this.instance.setOption(option, { notMerge: !this.drawn, replaceMerge: lines === this.lines ? [] : ["legend"], silent: true });
    this.drawn = true;
    this.lines = lines;
    this.encircle();
    for (const e of [this.tools, ...this.tools.children]) e.style.color = e === this.zoomed ? colours.text : colours.muted;
    Object.assign(this.tip.style, { background: colours.raised, color: colours.text, borderColor: colours.hairline });
    this.root.style.outlineColor = colours.accent;
  }

  listen() {
    this.instance.on("datazoom", () => {
      const z = this.instance.getOption().dataZoom[0];
      this.show({ from: z.startValue, to: z.endValue });
    });
    this.instance.on("legendselectchanged", (e) => { this.hidden = e.selected; this.later(); });
    const zr = this.instance.getZr();
    zr.on("mousemove", (e) => this.moved(e));
    zr.on("mousedown", (e) => this.pressed(e));
    zr.on("globalout", () => { this.forget(); this.options.onCross?.(null); });
    zr.on("click", (e) => { if (this.hit && this.options.onPoint) this.options.onPoint(this.point(this.hit), e.event); });
    zr.on("dblclick", () => this.zoom(null));
    this.canvas.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    this.root.addEventListener("keydown", (e) => this.key(e));
    this.root.addEventListener("blur", () => { this.root.style.outline = ""; });
    this.sizes = new ResizeObserver(() => { if (this.width() !== this.place.width) this.later(); });
    this.sizes.observe(this.host);
    this.themes = new MutationObserver(() => this.setScheme(this.options.scheme));
    for (const e of [document.documentElement, document.body]) this.themes.observe(e, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light", "class"] });
    if (this.options.scheme === "auto") {
      this.system = matchMedia("(prefers-color-scheme: dark)");
      this.systemChanged = () => this.setScheme("auto");
      this.system.addEventListener("change", this.systemChanged);
    }
  }

  // later redraws once: in the next frame, or where nobody sees it when nothing has changed for a while, so that several
  // charts on one axis do not wait for each other.
  later() {
    clearTimeout(this.waiting);
    if (!this.seen()) {
      this.waiting = setTimeout(() => this.catchUp(), ASIDE);
      return;
    }
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (!this.gone) this.redraw();
    });
  }

  // catchUp draws what waits until nothing changes.
  catchUp() {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.redraw();
  }

  // seen says whether some of the chart is on the screen.
  seen() {
    const box = this.root.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight && box.width > 0;
  }

  // show moves the window, kept inside the chart, and sees to the level of detail.
  show(w) {
    const least = Math.max((this.full.to - this.full.from) * 1e-7, 10);
    const span = Math.min(Math.max(w.to - w.from, least), this.full.to - this.full.from);
    const from = Math.min(Math.max((w.from + w.to - span) / 2, this.full.from), this.full.to - span);
    if (from === this.shown.from && from + span === this.shown.to) return;
    this.shown = { from, to: from + span };
    this.choose();
    this.forget();
    this.later();
    clearTimeout(this.settling);
    if (this.options.more) this.settling = setTimeout(() => this.refine(), SETTLE);
    this.options.onWindow?.(this.window());
  }

  // choose takes the coarsest level at hand that is sharp enough for the window, else the finest.
  choose() {
    const { from, to } = this.shown, share = (to - from) / (this.full.to - this.full.from);
    if (this.detail && this.detail.from <= from && this.detail.to >= to) {
      this.level = this.detail;
      return;
    }
    const enough = (l) => l.marks >= l.points || l.width * share >= this.width() * 0.9;
    this.level = this.levels.find(enough) || this.levels[this.levels.length - 1];
  }

  // refine asks for the window as it is shown now, when the level at hand is too coarse or finer than needed.
  async refine() {
    if (this.level.marks >= this.level.points) return;
    const asked = this.window(), turn = (this.turn = (this.turn || 0) + 1);
    const answer = await this.options.more(asked, this.view.panels[0].width);
    if (!answer || this.gone || turn !== this.turn) return;
    this.detail = levelOf(answer);
    this.choose();
    this.later();
  }

  // window is what is shown, in whole offsets of the X axis.
  window() { return { from: Math.floor(this.shown.from), to: Math.ceil(this.shown.to) }; }

  // widen lets the whole chart reach over a window, as charts on a shared axis do, and aligns its left edge.
  widen({ from, to }, left) {
    if (from >= this.full.from && to <= this.full.to && left === this.aligned) return;
    const whole = this.shown.from === this.full.from && this.shown.to === this.full.to;
    this.full = { from: Math.min(this.full.from, from), to: Math.max(this.full.to, to) };
    this.aligned = left;
    if (whole) this.shown = { ...this.full };
    this.later();
  }

  // cross draws a line at an offset of the X axis, none for null.
  cross(x) {
    if (this.line) this.instance.getZr().remove(this.line);
    this.line = null;
    if (x === null || x < this.view.from || x > this.view.to) return;
    const panels = this.view.panels, p = panels[0], at = p.left + ((x - this.view.from) / (this.view.to - this.view.from)) * p.width;
    const top = panels[panels.length - 1].top;
    this.line = new this.echarts.Rect({ shape: { x: Math.round(at), y: top, width: 1, height: p.top + p.height - top }, style: { fill: this.colours().muted }, silent: true, z: 80 });
    this.instance.getZr().add(this.line);
  }

  // zoom shows a window, or the whole for null.
  zoom(w) { this.show(w || this.full); }

  setScheme(wanted) {
    this.options.scheme = wanted;
    const scheme = schemeOf(wanted);
    if (scheme !== this.scheme) {
      this.scheme = scheme;
      this.forget();
      this.later();
    }
  }

  resize() { this.later(); }

  dispose() {
    this.gone = true;
    clearTimeout(this.settling);
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frame);
    this.sizes.disconnect();
    this.themes.disconnect();
    this.system?.removeEventListener("change", this.systemChanged);
    this.instance.dispose();
    this.host.replaceChildren();
  }
}
