// ---- near: which mark is under the pointer, and what is said of it

const REACH = 24; // pixels

// near finds the mark nearest to a place in the picture, or null. view knows where the panels are.
function near(payload, level, view, px, py, visible) {
  const panel = view.panels.findIndex((p) => px >= p.left - 4 && px <= p.left + p.width + 4 && py >= p.top - 6 && py <= p.top + p.height + 6);
  if (panel < 0) return null;
  const at = view.panels[panel];
  const x = (v) => at.left + ((v - view.from) / (view.to - view.from)) * at.width;
  const y = (v) => at.top + at.height - ((v - at.lo) / (at.hi - at.lo)) * at.height;
  const value = view.from + ((px - at.left) / at.width) * (view.to - view.from);
  const reach = (REACH / at.width) * (view.to - view.from);
  let best = null;
  const offer = (distance, k, i, top) => {
    if (top < at.top - 1 || top > at.top + at.height + 1) return; // cut off
    if (distance <= REACH && (!best || distance < best.distance)) {
      best = { distance, k, i, px: x(level.series[k].x[i]), py: top };
    }
  };
  const sums = new Map();
  payload.series.forEach((look, k) => {
    const s = level.series[k];
    if (look.panel !== panel || !visible(k) || s.n === 0) return;
    if (look.mark === "stack") return nearStack(s, k, value, py, y, sums, offer);
    if (look.mark === "steps") return nearStep(s, k, value, py, y, offer);
    if (look.mark === "bars") return nearBar(look, s, k, value, y, offer);
    const [first, last] = visibleRange(look, s, value - reach, value + reach);
    for (let i = first; i <= last; i++) {
      const top = y(s.y[i]);
      if (!Number.isFinite(top)) continue;
      let dy = py - top;
      if (s.y2) {
        const end = y(s.y2[i]);
        dy = Math.max(Math.min(top, end) - py, py - Math.max(top, end), 0);
      }
      // A sign is meant rather than the line it stands on.
      offer(Math.hypot(px - x(s.x[i]), dy) - (look.mark === "signs" ? 4 : 0), k, i, s.y2 ? (top + y(s.y2[i])) / 2 : top);
    }
  });
  return best;
}

function nearStep(s, k, value, py, y, offer) {
  let i = lowerBound(s.x, value);
  if (i >= s.n || s.x[i] > value) i--;
  if (i >= 0 && Number.isFinite(s.y[i])) offer(Math.abs(py - y(s.y[i])) + 2, k, i, y(s.y[i]));
}

function nearBar(look, s, k, value, y, offer) {
  for (let i = 0; i < s.n; i++) {
    if (value >= s.x[i] && value < s.x[i] + look.bin) offer(1, k, i, y(s.y[i]));
  }
}

function nearStack(s, k, value, py, y, sums, offer) {
  let i = lowerBound(s.x, value);
  if (i >= s.n || s.x[i] > value) i--;
  if (i < 0) return;
  const below = sums.get(s.x[i]) || 0, top = below + (s.y[i] || 0);
  sums.set(s.x[i], top);
  if (py <= y(below) && py >= y(top)) offer(1, k, i, y(top));
}

// facts are the rows of the tooltip: what, people's number, all digits.
function facts(payload, level, hit) {
  const s = level.series[hit.k], look = payload.series[hit.k], i = hit.i;
  const rows = [];
  xFacts(payload.x, s.x[i], rows, look);
  if (s.frame) rows.push(["frame", String(s.frame[i]), ""]);
  const axis = payload.y[look.panel];
  if (axis.names) rows.push([axis.label, axis.names[Math.round(s.y[i])] || "", ""]);
  else rows.push(number(axis, s.y2 ? "from" : axis.label, s.y[i]));
  if (s.y2) {
    rows.push(number(axis, "to", s.y2[i]));
    const length = s.y2[i] - s.y[i];
    rows.push(["length", scaled(length, axis.unit), thousands(String(length))]);
  }
  const count = s.count ? s.count[i] : 1;
  if (count > 1) rows.push(["stands for", thousands(String(count)) + " points", ""]);
  const label = s.label && s.label[i];
  const name = payload.option.series[hit.k].name;
  if (label && label !== name) {
    label.split("; ").forEach((part, i) => rows.push([i ? "" : label.startsWith(name) ? "what" : "cause", part, ""]));
  }
  return rows;
}

function xFacts(axis, x, rows, look) {
  if (axis.log) {
    const own = { ...axis, log: false };
    xFacts(own, logValue(x), rows, look.mark === "bars" ? { ...look, bin: logValue(x + look.bin) - logValue(x) } : look);
    return;
  }
  if (axis.moments) {
    const moment = clock(raw(axis, x), 9);
    rows.push(["time", seconds(x), `${moment.date} ${moment.time} UTC`]);
  } else if (look.mark === "bars") {
    rows.push([axis.label, `${scaled(x, axis.unit)} to ${scaled(x + look.bin, axis.unit)}`, ""]);
  } else {
    rows.push(number(axis, axis.label, x));
  }
}

// number says an offset as people read it and with all its digits, base included.
function number(axis, name, v) {
  const whole = Number.isInteger(v);
  if (axis.base !== "0" && whole) return [name, thousands(String(v)), thousands(String(raw(axis, v)))];
  const people = scaled(v, axis.unit), exact = whole ? thousands(String(v)) : "";
  return [name, people, exact === people ? "" : exact];
}

