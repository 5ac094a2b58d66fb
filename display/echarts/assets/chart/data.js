// ---- data: columns back to numbers

function bytesOf(base64) {
  const text = atob(base64 || ""), out = new Uint8Array(text.length);
  for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

// numbersOf reads a column of n numbers: see column in data.go. Null where there is none.
function numbersOf(column, n) {
  if (!column) return null;
  const bytes = bytesOf(column.b), out = new Float64Array(n);
  if (column.t === "float") {
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < n; i++) out[i] = view.getFloat64(8 * i, true);
    return out;
  }
  let at = 0, last = 0;
  for (let i = 0; i < n; i++) {
    let value = 0, scale = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte & 128);
    last += value % 2 ? -(value + 1) / 2 : value / 2;
    out[i] = column.p ? last / column.p : last;
  }
  return out;
}

// textsOf reads a column of n texts, each of which goes on where it differs from the one before.
function textsOf(column, n) {
  if (!column) return null;
  const same = numbersOf(column.s, column.d.length), all = [];
  let last = [];
  column.d.forEach((rest, i) => {
    last = last.slice(0, same ? same[i] : 0).concat(Array.from(rest));
    all.push(last.join(""));
  });
  return Array.from(numbersOf(column.i, n), (i) => all[i]);
}

// levelOf reads a level of detail.
function levelOf(raw) {
  const series = (raw.series || []).map((s) => {
    const y = numbersOf(s.y, s.n), length = numbersOf(s.length, s.n);
    return {
      n: s.n,
      x: numbersOf(s.x, s.n),
      y,
      y2: length && length.map((v, i) => y[i] + v),
      frame: numbersOf(s.frame, s.n),
      label: textsOf(s.label, s.n),
      count: numbersOf(s.count, s.n),
    };
  });
  return { from: raw.from, to: raw.to, width: raw.width, points: raw.points, marks: raw.marks, series };
}

// flat gives a series' data as ECharts reads it fastest: pairs in one typed array. pixel is the size of a pixel in offsets.
function flat(look, s, pixel) {
  if (look.mark === "segments") return spans(look, s, pixel);
  const shift = look.mark === "bars" ? look.bin / 2 : 0;
  const out = new Float64Array(2 * s.n);
  for (let i = 0; i < s.n; i++) {
    out[2 * i] = s.x[i] + shift;
    out[2 * i + 1] = Number.isFinite(s.y[i]) ? s.y[i] : NaN;
  }
  return out;
}

// spans gives segments as lines with gaps between, at least so long as ECharts draws them. Towards the client their ends
// are bent, because a dash would not be seen.
function spans(look, s, pixel) {
  const width = look.flag ? 8 : 6, out = new Float64Array(width * s.n).fill(NaN);
  for (let i = 0; i < s.n; i++) {
    const up = s.y2[i] < s.y[i] ? -1 : 1, more = up * Math.max(2 * pixel.y - Math.abs(s.y2[i] - s.y[i]), 0) / 2;
    const end = s.y2[i] + more;
    out.set([s.x[i], s.y[i] - more, s.x[i], end], width * i);
    if (look.flag) out.set([s.x[i] + 3.5 * pixel.x, end], width * i + 4);
    out[width * (i + 1) - 2] = s.x[i];
  }
  return out;
}

// stacked gives the upper edge of an area that stands on the areas before it, as steps. ECharts' own stacking forgets the
// steps of the lower edge.
function stacked(payload, level, k) {
  const below = new Map(), mine = level.series[k], out = new Float64Array(4 * mine.n);
  for (let j = 0; j < k; j++) {
    const s = level.series[j];
    if (payload.series[j].mark !== "stack" || payload.series[j].panel !== payload.series[k].panel) continue;
    for (let i = 0; i < s.n; i++) below.set(s.x[i], (below.get(s.x[i]) || 0) + (s.y[i] || 0));
  }
  for (let i = 0; i < mine.n; i++) {
    const top = (below.get(mine.x[i]) || 0) + (mine.y[i] || 0);
    out.set([mine.x[i], top, i + 1 < mine.n ? mine.x[i + 1] : mine.x[i] + payload.series[k].bin, top], 4 * i);
  }
  return out;
}

