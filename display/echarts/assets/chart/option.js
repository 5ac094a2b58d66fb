// ---- option: places, colours and data for the option that Go made

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"; // without double quotes, which would end an attribute of a saved SVG
const GAP = 6, EDGE = 12;
const MAIN = 300, PANEL = 120;

// sizesOf are the sizes of text in pixels, as a style asks for them.
function sizesOf(payload) {
  const asked = payload.sheet || {}, text = asked.text || 12;
  return { title: asked.title || (text * 15) / 12, text, label: asked.label || text, tick: asked.tick || (text * 11) / 12, legend: asked.legend || text };
}

// measure gives the width of text in pixels.
const measure = (() => {
  let context;
  return (text, size, weight) => {
    context ??= document.createElement("canvas").getContext("2d");
    context.font = `${weight || "normal"} ${size}px ${FONT}`;
    return context.measureText(text).width;
  };
})();

// wrapped breaks text at blanks into lines that fit; a longer word is cut.
function wrapped(text, size, weight, room) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? line + " " + word : word;
    if (line && measure(longer, size, weight) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.map((l) => cut(l, size, weight, room));
}

function cut(text, size, weight, room) {
  if (measure(text, size, weight) <= room) return text;
  const runes = Array.from(text);
  let lo = 0, hi = runes.length;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (measure(runes.slice(0, mid).join("") + "…", size, weight) <= room) lo = mid;
    else hi = mid - 1;
  }
  return runes.slice(0, lo).join("") + "…";
}

// legendLines breaks the legend where the lines are full.
function legendLines(entries, room, text) {
  const lines = [];
  let used = Infinity;
  for (const e of entries) {
    const size = 16 + 5 + measure(e.short || e.name, text) + 18;
    if (used + size > room + 18) {
      lines.push([]);
      used = 0;
    }
    used += size;
    lines[lines.length - 1].push(e);
  }
  return lines;
}

// layout finds the place of everything for a width: how high the whole is, and where the panels are.
function layout(payload, state, width, height) {
  const room = Math.max(width - 2 * EDGE, 80), size = sizesOf(payload);
  const head = payload.option.title || {};
  const title = wrapped(head.text || "", size.title, "600", Math.max(room - state.tools, 80));
  const subtitle = [head.subtext, payload.command, state.detail].filter(Boolean).join(" · ");
  const sub = subtitle ? wrapped(subtitle, size.text, "", room) : [];
  const entries = payload.option.legend || {}, legend = legendLines(entries.data || [], room, size.legend);
  const notes = (payload.notes || []).map((n) => "note: " + n).concat(entries.rest ? "legend: " + entries.rest : []).flatMap((n) => wrapped(n, size.text, "", room));
  let y = EDGE;
  const place = { width, size, title, sub, legend, notes, top: {}, panels: [] };
  place.top.title = y;
  y += title.length * (size.title + GAP) + sub.length * (size.text + 5) + 10;
  place.top.legend = y;
  y += legend.length * (size.legend + 7) + 4;
  const slider = 14;
  const foot = 4 + size.tick + GAP + size.label + GAP + slider + 3 * GAP + notes.length * (size.text + 5) + EDGE - GAP;
  const panels = payload.y.length, names = panels * (size.label + 10) + (panels - 1) * 14;
  const scale = height ? Math.max((height - y - foot - names) / (MAIN + (panels - 1) * PANEL), 0.2) : 1;
  for (let i = panels - 1; i >= 0; i--) {
    const high = Math.round((i ? PANEL : MAIN) * scale);
    y += size.label + 10;
    place.panels[i] = { top: y, height: high };
    y += high + (i ? 14 : 0);
  }
  place.top.slider = y + 4 + size.tick + GAP + size.label + GAP;
  place.top.notes = place.top.slider + slider + 2 * GAP;
  place.height = y + foot;
  return place;
}

// optionOf puts places, ticks, colours and data into a copy of the option.
function optionOf(payload, level, view, place, colours, hidden) {
  const text = { fontFamily: FONT, color: colours.text }, size = place.size;
  const muted = { fontFamily: FONT, color: colours.muted, fontSize: size.text };
  const option = structuredClone(payload.option);
  option.textStyle = { fontFamily: FONT };
  option.backgroundColor = payload.paper ? colours.page : "transparent";
  option.title = [
    {
      text: place.title.join("\n"), subtext: place.sub.join("\n"), left: EDGE, top: place.top.title, padding: 0, itemGap: GAP,
      textStyle: { ...text, fontSize: size.title, fontWeight: 600, lineHeight: size.title + GAP - 1 },
      subtextStyle: { ...muted, lineHeight: size.text + 5 },
    },
    { text: place.notes.join("\n"), left: EDGE, top: place.top.notes, padding: 0, textStyle: { ...muted, fontWeight: "normal", lineHeight: size.text + 5 } },
  ];
  if (isEmpty(level)) option.title.push(nothing(view.panels[0], muted));
  const short = new Map((option.legend.data || []).map((e) => [e.name, e.short || e.name]));
  const shared = { itemStyle: { color: colours.text }, lineStyle: { color: colours.text } };
  option.legend = place.legend.map((data, line) => ({
    ...option.legend, data: data.map((e) => ({ name: e.name, icon: e.icon, ...(e.shared ? shared : {}) })), formatter: (name) => short.get(name) ?? name,
    left: EDGE, top: place.top.legend + line * (size.legend + 7), padding: 0, itemGap: 18, align: "left",
    textStyle: { ...text, fontSize: size.legend }, inactiveColor: colours.muted + "99", inactiveBorderColor: colours.hairline,
    selected: hidden || {},
  }));
  Object.assign(option.dataZoom[0], sliderOf(view, place, colours));
  axesOf(payload, option, view, colours, { ...muted, fontSize: size.label }, size.tick);
  option.series.forEach((s, k) => seriesOf(payload, s, k, level, view, colours));
  return option;
}

const isEmpty = (level) => level.series.every((s) => s.n === 0);

// nothing says in the middle of a panel that the chart is empty.
const nothing = (at, style) => ({
  text: "nothing to draw", left: at.left + at.width / 2, top: at.top + at.height / 2 - style.fontSize, textAlign: "center", padding: 0,
  textStyle: { ...style, fontWeight: "normal" },
});

function sliderOf(view, place, colours) {
  return {
    left: view.panels[0].left, width: view.panels[0].width, top: place.top.slider, height: 14,
    startValue: view.from, endValue: view.to, borderColor: "transparent", backgroundColor: colours.surface,
    fillerColor: colours.accent + "30", handleSize: "100%", moveHandleSize: 0,
    handleStyle: { color: colours.page, borderColor: colours.accent, borderWidth: 1 },
    emphasis: { handleStyle: { color: colours.page, borderColor: colours.accent } },
  };
}

function axesOf(payload, option, view, colours, muted, tick) {
  const sheet = payload.sheet || { sides: ["bottom"] }, edge = sheet.edge || colours.muted, width = sheet.edgeWidth || 1;
  const label = { fontFamily: FONT, color: sheet.ticks || colours.muted, fontSize: tick };
  const line = { show: sheet.sides.includes("bottom"), lineStyle: { color: edge, width } };
  const rule = { color: colours.hairline, width: sheet.gridWidth || 1, type: sheet.gridDash || "solid" };
  option.grid = view.panels.map((p) => ({ left: p.left, top: p.top, width: p.width, height: p.height, containLabel: false, outerBoundsMode: "none", show: !!sheet.area, backgroundColor: sheet.area || "transparent", borderWidth: 0 }));
  option.xAxis.forEach((axis, i) => Object.assign(axis, {
    min: view.least, max: view.most, containShape: false, name: i === 0 ? view.ticks.name : "", nameTextStyle: { ...muted, align: "right", verticalAlign: "top", padding: [0, 0, 0, 0] },
    nameLocation: "end", nameGap: 0, axisLine: { ...line, onZero: false },
    axisTick: { show: true, length: 4, lineStyle: { color: sheet.ticks || colours.muted }, customValues: view.ticks.at },
    axisLabel: { ...label, show: i === 0, customValues: view.ticks.at, formatter: (v) => view.ticks.label.get(v) ?? "", hideOverlap: true, margin: 7, showMinLabel: true, showMaxLabel: true },
    splitLine: { show: !!sheet.vertical, customValues: view.ticks.at, lineStyle: rule },
    axisPointer: {
      show: true, type: "line", triggerTooltip: false, snap: false, lineStyle: { color: colours.muted, type: [3, 3], width: 1 },
      label: { show: false },
    },
  }));
  option.xAxis[0].nameTextStyle.padding = [tick + 14, 0, 0, 0];
  option.yAxis.forEach((axis, i) => {
    const p = view.panels[i];
    Object.assign(axis, {
      min: p.lo, max: p.hi, name: p.ticks.name, nameLocation: "end", nameGap: 9,
      nameTextStyle: { ...muted, align: "left", padding: [0, 0, 0, -(p.left - EDGE)] },
      axisLine: { show: sheet.sides.includes("left"), onZero: false, lineStyle: { color: edge, width } }, axisTick: { show: false, customValues: p.ticks.at },
      axisLabel: { ...label, customValues: p.ticks.at, formatter: (v) => p.ticks.label.get(v) ?? "", margin: 6, showMinLabel: true, showMaxLabel: true },
      splitLine: { show: !sheet.noGrid && !sheet.noRows, showMinLine: true, showMaxLine: true, customValues: p.ticks.at, lineStyle: rule },
      axisPointer: { show: false },
    });
  });
}

function seriesOf(payload, series, k, level, view, colours) {
  const look = payload.series[k], s = level.series[k], at = view.panels[look.panel];
  const colour = colours.series(k);
  series.itemStyle = { ...series.itemStyle, color: colour, opacity: 1 };
  if (series.lineStyle) series.lineStyle.color = colour;
  if (series.areaStyle) series.areaStyle.color = colour;
  series.dimensions = ["x", "y"];
  const pixel = { x: (view.to - view.from) / at.width, y: (at.hi - at.lo) / at.height };
  series.data = look.mark === "stack" ? stacked(payload, level, k) : flat(look, s, pixel);
  if (look.mark === "stack") series.z = 2 - k / 1000; // what is below stands in front
  if (series.type === "line" && look.mark !== "stack") {
    series.showSymbol = (look.symbol || s.n === 1) && look.mark !== "segments";
    Object.assign(series, { symbol: look.symbol || "circle", symbolSize: look.size || 4, showAllSymbol: true });
    if (look.bare) series.lineStyle.opacity = 0;
  }
  series.label = s.count && look.mark === "signs"
    ? { show: true, position: "right", distance: 2, fontSize: 10, fontFamily: FONT, color: colours.muted, formatter: (p) => s.count[p.dataIndex] > 1 ? "×" + s.count[p.dataIndex] : "" }
    : { show: false };
  series.labelLayout = { hideOverlap: true };
}

