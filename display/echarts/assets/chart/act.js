// ---- act: pointer, keys, tooltip, saving

const NARROW = 420; // below that width in px tooltips break their lines
const RINGS = 40; // at most, around the marks of one packet

Object.assign(Chart.prototype, {
  // offset is the place on the X axis under a pixel.
  offset(px) {
    const p = this.view.panels[0];
    return this.view.from + ((px - p.left) / p.width) * (this.view.to - this.view.from);
  },

  inside(px, py) { return this.view.panels.some((p) => px >= p.left && px <= p.left + p.width && py >= p.top && py <= p.top + p.height); },

  // pressed starts to select a window to zoom into, or with Shift to move the window.
  pressed(e) {
    const x = e.offsetX;
    if (this.drag || !this.inside(x, e.offsetY) || e.event.button > 0) return;
    this.root.style.outline = "none"; // the frame is for the keyboard
    this.root.focus({ preventScroll: true });
    this.drag = { x, to: x, pan: e.event.shiftKey, shown: this.shown };
    const zr = this.instance.getZr();
    const move = (m) => this.dragged(m.offsetX);
    const ends = ["mouseup", "touchend", "touchcancel"]; // a finger that scrolls the page cancels
    const end = (m) => {
      zr.off("mousemove", move);
      for (const name of ends) removeEventListener(name, end);
      this.released(m.type === "touchcancel");
      if (m.type !== "mouseup") this.options.onCross?.(null); // no pointer stays
    };
    zr.on("mousemove", move);
    for (const name of ends) addEventListener(name, end);
  },

  dragged(x) {
    const d = this.drag;
    d.to = x;
    this.forget();
    if (d.pan) {
      const by = ((d.x - x) / this.view.panels[0].width) * (d.shown.to - d.shown.from);
      this.show({ from: d.shown.from + by, to: d.shown.to + by });
      return;
    }
    const panels = this.view.panels, left = panels[0].left, right = left + panels[0].width;
    const [a, b] = [Math.max(Math.min(d.x, x), left), Math.min(Math.max(d.x, x), right)];
    const top = panels[panels.length - 1].top, bottom = panels[0].top + panels[0].height;
    this.unselect();
    this.selection = new this.echarts.Rect({ shape: { x: a, y: top, width: b - a, height: bottom - top }, style: { fill: this.colours().accent + "22", stroke: this.colours().accent }, silent: true, z: 90 });
    this.instance.getZr().add(this.selection);
  },

  released(cancelled) {
    const d = this.drag;
    this.drag = null;
    this.unselect();
    if (!cancelled && !d.pan && Math.abs(d.to - d.x) > 4) this.show({ from: this.offset(Math.min(d.x, d.to)), to: this.offset(Math.max(d.x, d.to)) });
  },

  unselect() {
    if (this.selection) this.instance.getZr().remove(this.selection);
    this.selection = null;
  },

  // wheel zooms at the pointer with Ctrl (or the Mac's pinch), or when the chart has been clicked; else the page scrolls.
  wheel(e) {
    const box = this.canvas.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    if (!this.inside(x, y) || !(e.ctrlKey || e.metaKey || this.root.contains(document.activeElement))) return;
    e.preventDefault();
    this.zoomBy(Math.exp(Math.max(Math.min(e.deltaY, 100), -100) * 0.004), this.offset(x));
  },

  zoomBy(factor, at) {
    const { from, to } = this.shown;
    this.show({ from: at - (at - from) * factor, to: at + (to - at) * factor });
  },

  key(e) {
    if (e.target !== this.root || e.ctrlKey || e.metaKey || e.altKey) return;
    const { from, to } = this.shown, by = (to - from) / 5, middle = (from + to) / 2;
    const act = {
      ArrowLeft: () => this.show({ from: from - by, to: to - by }), ArrowRight: () => this.show({ from: from + by, to: to + by }),
      "+": () => this.zoomBy(0.5, middle), "=": () => this.zoomBy(0.5, middle), "-": () => this.zoomBy(2, middle),
      0: () => this.zoom(null), Escape: () => this.zoom(null),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    e.stopPropagation(); // a notebook has commands on these keys
    act();
  },

  // moved shows what is under the pointer.
  moved(e) {
    if (this.drag) return;
    this.options.onCross?.(this.inside(e.offsetX, e.offsetY) ? this.offset(e.offsetX) : null);
    const hit = near(this.payload, this.level, this.view, e.offsetX, e.offsetY, (k) => this.visible(k));
    if (!hit) return this.forget();
    if (this.hit && hit.k === this.hit.k && hit.i === this.hit.i) return;
    this.forget();
    this.hit = hit;
    this.ring = new this.echarts.Circle({ shape: { cx: hit.px, cy: hit.py, r: 6 }, style: { fill: "none", stroke: this.colours().accent, lineWidth: 1.5 }, silent: true, z: 100 });
    this.instance.getZr().add(this.ring);
    this.tell(hit);
  },

  // pick marks a packet until another one is: by a line at its time and a ring around each of its marks. null takes them away.
  pick(packet) {
    this.picked = packet;
    this.encircle();
  },

  encircle() {
    const zr = this.instance.getZr(), { view, echarts } = this, accent = this.colours().accent;
    for (const e of this.picks || []) zr.remove(e);
    this.picks = [];
    if (!this.picked) return;
    const first = view.panels[0], top = view.panels[view.panels.length - 1].top;
    const px = (x) => first.left + ((x - view.from) / (view.to - view.from)) * first.width;
    const inside = (x) => x >= view.from && x <= view.to;
    if (inside(this.picked.x)) {
      this.picks.push(new echarts.Rect({ shape: { x: Math.round(px(this.picked.x)), y: top, width: 1, height: first.top + first.height - top }, style: { fill: accent }, silent: true, z: 85 }));
    }
    this.level.series.forEach((s, k) => {
      if (!s.frame || !this.visible(k)) return;
      const p = view.panels[this.payload.series[k].panel];
      for (let i = 0; i < s.n && this.picks.length < RINGS; i++) {
        if (s.frame[i] !== this.picked.frame || !inside(s.x[i])) continue;
        const y = s.y2 ? (s.y[i] + s.y2[i]) / 2 : s.y[i];
        if (y < p.lo || y > p.hi) continue;
        this.picks.push(new echarts.Circle({ shape: { cx: px(s.x[i]), cy: p.top + p.height - ((y - p.lo) / (p.hi - p.lo)) * p.height, r: 7 }, style: { fill: "none", stroke: accent, lineWidth: 2 }, silent: true, z: 95 }));
      }
    });
    for (const e of this.picks) zr.add(e);
  },

  forget() {
    if (this.ring) this.instance.getZr().remove(this.ring);
    this.ring = this.hit = null;
    this.tip.style.display = "none";
  },

  // tell fills and places the tooltip: beside the point, never over it.
  tell(hit) {
    const colours = this.colours();
    const head = element("div", { fontWeight: 600, marginBottom: "2px" });
    head.append(element("span", { display: "inline-block", width: "9px", height: "9px", borderRadius: "2px", marginRight: "6px", background: colours.series(hit.k) }), this.payload.option.series[hit.k].name);
    const table = element("div", { display: "grid", gridTemplateColumns: "auto auto auto", columnGap: "12px" });
    for (const [name, people, exact] of facts(this.payload, this.level, hit)) {
      table.append(element("span", { color: colours.muted }, name), element("span", { textAlign: exact ? "right" : "left", gridColumn: exact ? "auto" : "2 / 4" }, people));
      if (exact) table.append(element("span", { color: colours.muted, textAlign: "right" }, exact));
    }
    this.tip.replaceChildren(head, table);
    const width = this.width();
    Object.assign(this.tip.style, { display: "block", left: 0, maxWidth: width + "px", whiteSpace: width < NARROW ? "normal" : "nowrap" });
    const w = this.tip.offsetWidth, h = this.tip.offsetHeight;
    const left = hit.px + 14 + w <= width ? hit.px + 14 : hit.px - 14 - w >= 0 ? hit.px - 14 - w : Math.max(width - w, 0);
    const covers = hit.px >= left && hit.px <= left + w;
    const top = covers || hit.py + 14 + h > this.place.height ? hit.py - 14 - h : hit.py + 14;
    Object.assign(this.tip.style, { left: left + "px", top: top + "px" });
  },

  // point is what a face is told of a mark that was clicked.
  point(hit) {
    const s = this.level.series[hit.k];
    const unit = this.payload.y[this.payload.series[hit.k].panel].unit;
    return { series: this.payload.option.series[hit.k].name, x: s.x[hit.i], y: s.y[hit.i], unit, frame: s.frame ? s.frame[hit.i] : null };
  },

  // picture draws the chart as it is shown, without buttons, as a data: URL of type png or svg.
  picture(type) {
    this.catchUp();
    const colours = this.colours();
    const option = optionOf(this.payload, this.level, this.view, this.place, colours, this.hidden);
    option.dataZoom[0].show = false;
    option.backgroundColor = colours.page; // getDataURL knows it for canvases only
    const stage = document.createElement("div");
    const copy = this.echarts.init(stage, null, { renderer: type === "svg" ? "svg" : "canvas", width: this.place.width, height: this.place.height, devicePixelRatio: 2 });
    copy.setOption(option);
    const url = copy.getDataURL({ type, pixelRatio: 2 });
    copy.dispose();
    return url;
  },

  download(type) {
    const a = element("a");
    a.href = this.picture(type);
    a.download = `${(this.payload.command || "chart").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")}.${type}`;
    a.click();
  },
});

// draw draws a payload into an element and returns the chart: resize(), dispose(), zoom({from, to} or null), window(),
// widen({from, to}, left) and cross(offset) for charts on a shared axis, pick({frame, x} or null) for a packet in all of them, setScheme("light", "dark", "auto" or undefined for what the front end says), picture("png" or "svg").
//
// options: more(window, width) gives a finer level, or a promise of one (the page asks Go); onPoint(point) is called when
// a mark is clicked; onWindow(window) when the window changes; onCross(offset or null) when the pointer moves; scheme; height in pixels instead of what the chart needs;
// renderer "svg"; save false leaves out the buttons that save pictures.
function draw(echarts, host, payload, options) {
  if (payload.v !== FORMAT) throw new Error(`this chart is of format ${payload.v}, not ${FORMAT}`);
  return new Chart(echarts, host, payload, options);
}

globalThis[Symbol.for("mptcp.chart")] = { draw, levelOf, scaled, format: FORMAT };
