// ---- numbers: written as display.Format writes them

const THIN = "\u2009";

// scaleOf is the largest scale in which a number of this size is at least 1.
function scaleOf(unit, size) {
  const decimal = (symbol) => [[1, symbol], [1e3, "k" + symbol], [1e6, "M" + symbol], [1e9, "G" + symbol], [1e12, "T" + symbol]];
  let steps = [[1, ""]];
  if (unit === "B" || unit === "B/s" || unit === "bit/s") steps = decimal(unit);
  if (unit === "sequence") steps = decimal("B");
  if (unit === "ns") steps = [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]];
  if (unit === "ratio") steps = [[0.01, "%"]];
  let chosen = steps[0];
  for (const s of steps) if (Math.abs(size) >= s[0]) chosen = s;
  return { div: chosen[0], symbol: chosen[1] };
}

function thousands(digits) {
  const [, sign, whole, fraction] = /^(-?)(\d+)(.*)$/s.exec(digits) || [null, "", "", digits];
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, THIN) + fraction;
}

// scaled writes a number with three significant digits in a scale that suits it.
function scaled(v, unit) {
  if (!Number.isFinite(v)) return "–";
  let scale = scaleOf(unit, v);
  const next = scaleOf(unit, scale.div * 1000);
  if (Math.abs(v) / scale.div >= 999.5 && next.div !== scale.div) scale = next;
  const n = v / scale.div, a = Math.abs(n);
  let decimals = 2;
  if (a === 0 || a >= 99.95 || (scale.div === 1 && unit !== "ratio" && v === Math.trunc(v))) decimals = 0;
  else if (a >= 9.995) decimals = 1;
  else if (a < 0.9995) decimals = Math.min(2 - Math.floor(Math.log10(a)), 9);
  let text = n.toFixed(decimals);
  if (Number(text) === 0) text = "0";
  return thousands(text) + (scale.symbol ? " " + scale.symbol : "");
}

// seconds writes ns as seconds with six decimals.
const seconds = (ns) => (ns / 1e9).toFixed(6) + " s";

// clock writes a moment, in ns since the epoch as a BigInt, as UTC with a number of decimals.
function clock(ns, decimals) {
  const second = ns / 1000000000n - (ns % 1000000000n < 0n ? 1n : 0n);
  const fraction = String(ns - second * 1000000000n).padStart(9, "0");
  const text = new Date(Number(second) * 1000).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) + (decimals ? "." + fraction.slice(0, decimals) : "") };
}

// raw is base and offset together, exactly.
const raw = (axis, offset) => BigInt(axis.base) + BigInt(Math.round(offset));

