// ---- axes: ticks at round values, as display.Axis.Ticks sets them

const axisName = (axis, symbol) => !symbol ? axis.label : axis.label ? `${axis.label} (${symbol})` : symbol;

function roundStep(span, want) {
  const rough = span / want, power = 10 ** Math.floor(Math.log10(rough));
  for (const m of [1, 2, 5]) if (m * power >= rough * (1 - 1e-9)) return m * power;
  return 10 * power;
}

const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

// ticksOf gives places, their labels, and the axis' name with the unit.
function ticksOf(axis, lo, hi, want) {
  if (!(hi > lo)) return { at: [], label: new Map(), name: axisName(axis, "") };
  if (axis.log) return logTicks(axis, lo, hi, Math.max(want, 2));
  if (axis.names) return laneTicks(axis, lo, hi, Math.max(want, 2));
  if (axis.absolute && axis.base !== "0") return absoluteTicks(axis, lo, hi, want);
  want = Math.max(want, 2);
  const long = axis.moments && hi >= LONG_TIME && hi - lo >= 1e9 * want;
  return long ? hourTicks(axis, lo, hi, want) : relativeTicks(axis, lo, hi, want);
}

const LONG_TIME = 3600e9; // ns, from when on time is written as hours, minutes and seconds

// clockStep is the round step of a clock, in ns, that divides a span into at most want parts.
function clockStep(span, want) {
  const day = 86400e9, step = CLOCK_STEPS.find((s) => span / (s * 1e9) <= want);
  return step ? step * 1e9 : day * Math.ceil(span / day / want);
}

// hourTicks are ticks of a time axis over more than an hour, at round values of a clock.
function hourTicks(axis, lo, hi, want) {
  const step = clockStep(hi - lo, want), two = (v) => String(Math.floor(v)).padStart(2, "0");
  const at = [], label = new Map();
  for (let k = Math.ceil(lo / step); k * step <= hi; k++) {
    const s = Math.abs(k * step) / 1e9, sign = k < 0 ? "-" : "";
    at.push(k * step);
    label.set(k * step, `${sign}${Math.floor(s / 3600)}:${two((s / 60) % 60)}${step < 60e9 ? ":" + two(s % 60) : ""}`);
  }
  return { at, label, name: axisName(axis, step < 60e9 ? "h:mm:ss" : "h:mm") };
}

function relativeTicks(axis, lo, hi, want) {
  const scale = scaleOf(axis.unit, Math.max(Math.abs(lo), Math.abs(hi)));
  want = Math.max(want, 2);
  let step = roundStep((hi - lo) / scale.div, want);
  // A single tick is no scale.
  if (Math.floor(hi / scale.div / step + 1e-9) - Math.ceil(lo / scale.div / step - 1e-9) < 1) step = roundStep((hi - lo) / scale.div, want + 1);
  if (axis.unit === "packets" || (scale.div === 1 && axis.unit && axis.unit !== "ratio")) step = Math.max(step, 1);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const at = [], label = new Map();
  for (let k = Math.ceil(lo / scale.div / step - 1e-9); k * step <= (hi / scale.div) * (1 + 1e-12) + step * 1e-9; k++) {
    at.push(k * step * scale.div);
    label.set(at[at.length - 1], thousands((k * step + 0).toFixed(decimals)));
  }
  return { at, label, name: axisName(axis, scale.symbol) };
}

// laneTicks are the names of lanes, all of them where there is room, else every so many.
function laneTicks(axis, lo, hi, want) {
  const n = axis.names.length, step = n > 3 * want ? Math.max(roundStep(n, want), 1) : 1;
  const at = [], label = new Map();
  const shift = step > 1 && !/^[0-9]+$/.test(axis.names[0]) ? 1 : 0; // so that numbers that are named are round
  for (let i = 0; i < n; i++) {
    if (i < lo || i > hi || (i > 0 && (i === shift || (i - shift) % step))) continue;
    at.push(i);
    label.set(i, axis.names[i]);
  }
  return { at, label, name: axisName(axis, "") };
}

function absoluteTicks(axis, lo, hi, want) {
  let step = Math.max(roundStep(hi - lo, Math.max(want, 2)), 1);
  const time = axis.unit === "ns";
  if (time && step >= 1e9) {
    step = clockStep(hi - lo, want);
  }
  const first = Number(BigInt(axis.base) % BigInt(step));
  const at = [], label = new Map();
  for (let k = Math.ceil((lo + first) / step); k * step - first <= hi; k++) {
    const place = k * step - first;
    at.push(place);
    label.set(place, time ? clock(raw(axis, place), clockDecimals(step)).time : thousands(String(raw(axis, place))));
  }
  return { at, label, name: axisName(axis, time ? "UTC, " + clock(BigInt(axis.base), 0).date : "") };
}

const DECADE = 1e12; // offsets of a logarithmic axis for a factor of ten

// logValue is the value at a place on a logarithmic axis.
function logValue(offset) {
  const v = 10 ** (offset / DECADE), n = Math.round(v);
  return Math.abs(v - n) < 1e-9 * v ? n : v;
}

// logTicks are at powers of ten; where these are few, at 1, 2 and 5 times such, and closer still at round values.
function logTicks(axis, lo, hi, want) {
  const at = [], label = new Map();
  const add = (v) => {
    const place = Math.log10(v) * DECADE;
    if (place < lo - 1e-9 * DECADE || place > hi + 1e-9 * DECADE) return;
    at.push(place);
    const scale = scaleOf(axis.unit, v * (1 + 1e-9));
    label.set(place, thousands(String(Number((v / scale.div).toPrecision(6)))) + (scale.symbol ? " " + scale.symbol : ""));
  };
  const first = Math.floor(lo / DECADE), last = Math.ceil(hi / DECADE), decades = (hi - lo) / DECADE;
  if (decades < 0.7) {
    const from = 10 ** (lo / DECADE), to = 10 ** (hi / DECADE), step = roundStep(to - from, want);
    for (let k = Math.ceil(from / step - 1e-9); k * step <= to * (1 + 1e-12); k++) add(k * step);
  } else if (decades * 3 <= want + 1) {
    for (let k = first; k <= last; k++) for (const m of [1, 2, 5]) add(m * 10 ** k);
  } else {
    const every = Math.ceil(decades / want);
    for (let k = Math.ceil(first / every) * every; k <= last; k += every) add(10 ** k);
  }
  return { at, label, name: axisName(axis, "") };
}

const clockDecimals = (step) => Math.min(Math.max(-Math.floor(Math.log10(step / 1e9) + 1e-9), 0), 9);

// padded widens a range so that marks do not touch the edge, as display.Padded does.
function padded(lo, hi) {
  if (!(lo <= hi)) return [0, 1];
  if (lo === hi) {
    const d = Math.max(Math.abs(lo) * 0.1, 1);
    return [lo - d, hi + d];
  }
  const pad = (hi - lo) * 0.04;
  return lo >= 0 && lo <= 0.25 * hi ? [0, hi + pad] : [lo - pad, hi + pad];
}

const ASIDE_REACH = 0.5;

// rangeOf is the lowest and highest value of the visible series of a panel in a window, as display.Chart.Range gives it.
function rangeOf(payload, level, panel, from, to, visible) {
  const main = { lo: Infinity, hi: -Infinity }, aside = { ...main };
  const sums = new Map();
  payload.series.forEach((look, k) => {
    if (look.panel !== panel || !visible(k)) return;
    const s = level.series[k], range = look.aside ? aside : main;
    const add = (y) => {
      if (y < range.lo && y > -Infinity) range.lo = y;
      if (y > range.hi && y < Infinity) range.hi = y;
    };
    const [first, last] = visibleRange(look, s, from, to);
    for (let i = first; i <= last; i++) {
      if (look.mark === "stack") {
        add(0);
        if (s.y[i] > -Infinity) sums.set(s.x[i], (sums.get(s.x[i]) || 0) + s.y[i]);
        continue;
      }
      if (look.mark === "bars") add(0);
      if (s.y2) add(s.y2[i]);
      add(s.y[i]);
    }
  });
  for (const sum of sums.values()) main.hi = Math.max(main.hi, sum);
  const reach = ASIDE_REACH * (main.hi - main.lo);
  if (main.lo <= main.hi && !(aside.lo >= main.lo - reach && aside.hi <= main.hi + reach)) return [main.lo, main.hi];
  return [Math.min(main.lo, aside.lo), Math.max(main.hi, aside.hi)];
}

// visibleRange gives the first and last index whose marks show in a window. X ascends, or all is looked at.
function visibleRange(look, s, from, to) {
  const joined = look.mark === "line" || look.mark === "steps" || look.mark === "stack";
  s.ascends ??= s.x.every((x, i) => i === 0 || x >= s.x[i - 1]);
  if (!s.ascends) return [0, s.n - 1];
  let first = lowerBound(s.x, look.mark === "bars" ? from - look.bin : from), last = lowerBound(s.x, to);
  if (last >= s.n || s.x[last] > to) last--;
  if (joined && first > 0) first--;
  if (look.mark === "line" && last < s.n - 1) last++;
  return [first, last];
}

// lowerBound is the first index whose value is not less than v.
function lowerBound(values, v) {
  let lo = 0, hi = values.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (values[mid] < v) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

