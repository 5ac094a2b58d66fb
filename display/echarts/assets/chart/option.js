// ---- option: places, colours and data for the option that Go made

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const TITLE = 15, TEXT = 12, TICK = 11, GAP = 6, EDGE = 12;
const MAIN = 300, PANEL = 120;

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
function legendLines(entries, room) {
  const lines = [];
  let used = Infinity;
  for (const e of entries) {
    const size = 16 + 5 + measure(e.name, TEXT) + 18;
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
  const room = Math.max(width - 2 * EDGE, 80);
  const head = payload.option.title || {};
  const title = wrapped(head.text || "", TITLE, "600", Math.max(room - state.tools, 80));
  const subtitle = [head.subtext, payload.command, state.detail].filter(Boolean).join(" · ");
  const sub = subtitle ? wrapped(subtitle, TEXT, "", room) : [];
  const legend = legendLines((payload.option.legend || {}).data || [], room);
  const notes = (payload.notes || []).flatMap((n) => wrapped("note: " + n, TEXT, "", room));
  let y = EDGE;
  const place = { width, title, sub, legend, notes, top: {}, panels: [] };
  place.top.title = y;
  y += title.length * (TITLE + GAP) + sub.length * (TEXT + 5) + 10;
  place.top.legend = y;
  y += legend.length * (TEXT + 7) + 4;
  const slider = 14;
  const foot = 4 + TICK + GAP + TEXT + GAP + slider + 3 * GAP + notes.length * (TEXT + 5) + EDGE - GAP;
  const panels = payload.y.length, names = panels * (TEXT + 10) + (panels - 1) * 14;
  const scale = height ? Math.max((height - y - foot - names) / (MAIN + (panels - 1) * PANEL), 0.2) : 1;
  for (let i = panels - 1; i >= 0; i--) {
    const high = Math.round((i ? PANEL : MAIN) * scale);
    y += TEXT + 10;
    place.panels[i] = { top: y, height: high };
    y += high + (i ? 14 : 0);
  }
  place.top.slider = y + 4 + TICK + GAP + TEXT + GAP;
  place.top.notes = place.top.slider + slider + 2 * GAP;
  place.height = y + foot;
  return place;
}

// optionOf puts places, ticks, colours and data into a copy of the option.
function optionOf(payload, level, view, place, colours, hidden) {
  const text = { fontFamily: FONT, color: colours.text };
  const muted = { fontFamily: FONT, color: colours.muted, fontSize: TEXT };
  const option = structuredClone(payload.option);
  option.textStyle = { fontFamily: FONT };
  option.backgroundColor = payload.paper ? colours.page : "transparent";
  option.title = [
    {
      text: place.title.join("\n"), subtext: place.sub.join("\n"), left: EDGE, top: place.top.title, padding: 0, itemGap: GAP,
      textStyle: { ...text, fontSize: TITLE, fontWeight: 600, lineHeight: TITLE + GAP - 1 },
      subtextStyle: { ...muted, lineHeight: TEXT + 5 },
    },
    { text: place.notes.join("\n"), left: EDGE, top: place.top.notes, padding: 0, textStyle: { ...muted, fontWeight: "normal", lineHeight: TEXT + 5 } },
  ];
  option.legend = place.legend.map((data, line) => ({
    ...option.legend, data, left: EDGE, top: place.top.legend + line * (TEXT + 7), padding: 0, itemGap: 18, align: "left",
    textStyle: { ...text, fontSize: TEXT }, inactiveColor: colours.hairline, inactiveBorderColor: colours.hairline,
    selected: hidden || {},
  }));
  Object.assign(option.dataZoom[0], sliderOf(view, place, colours));
  axesOf(payload, option, view, colours, muted);
  option.series.forEach((s, k) => seriesOf(payload, s, k, level, view, colours));
  return option;
}

function sliderOf(view, place, colours) {
  return {
    left: view.panels[0].left, width: view.panels[0].width, top: place.top.slider, height: 14,
    startValue: view.from, endValue: view.to, borderColor: "transparent", backgroundColor: colours.surface,
    fillerColor: colours.accent + "30", handleSize: "100%", moveHandleSize: 0,
    handleStyle: { color: colours.page, borderColor: colours.accent, borderWidth: 1 },
    emphasis: { handleStyle: { color: colours.page, borderColor: colours.accent } },
  };
}

function axesOf(payload, option, view, colours, muted) {
  const label = { fontFamily: FONT, color: colours.muted, fontSize: TICK };
  const line = { show: true, lineStyle: { color: colours.muted, width: 1 } };
  option.grid = view.panels.map((p) => ({ left: p.left, top: p.top, width: p.width, height: p.height, containLabel: false, outerBoundsMode: "none" }));
  option.xAxis.forEach((axis, i) => Object.assign(axis, {
    min: view.least, max: view.most, containShape: false, name: i === 0 ? view.ticks.name : "", nameTextStyle: { ...muted, align: "right", verticalAlign: "top", padding: [0, 0, 0, 0] },
    nameLocation: "end", nameGap: 0, axisLine: { ...line, onZero: false },
    axisTick: { show: true, length: 4, lineStyle: { color: colours.muted }, customValues: view.ticks.at },
    axisLabel: { ...label, show: i === 0, customValues: view.ticks.at, formatter: (v) => view.ticks.label.get(v) ?? "", hideOverlap: true, margin: 7, showMinLabel: true, showMaxLabel: true },
    axisPointer: {
      show: true, type: "line", triggerTooltip: false, snap: false, lineStyle: { color: colours.muted, type: [3, 3], width: 1 },
      label: { show: false },
    },
  }));
  option.xAxis[0].nameTextStyle.padding = [TICK + 14, 0, 0, 0];
  option.yAxis.forEach((axis, i) => {
    const p = view.panels[i];
    Object.assign(axis, {
      min: p.lo, max: p.hi, name: p.ticks.name, nameLocation: "end", nameGap: 9,
      nameTextStyle: { ...muted, align: "left", padding: [0, 0, 0, -(p.left - EDGE)] },
      axisLine: { show: false }, axisTick: { show: false, customValues: p.ticks.at },
      axisLabel: { ...label, customValues: p.ticks.at, formatter: (v) => p.ticks.label.get(v) ?? "", margin: 6, showMinLabel: true, showMaxLabel: true },
      splitLine: { show: true, showMinLine: true, showMaxLine: true, customValues: p.ticks.at, lineStyle: { color: colours.hairline, width: 1 } },
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

