// A chart of an answer: the chart script draws it, the session gives finer data for the window that is looked at.

import { download, el } from './dom.js';

const library = () => globalThis[Symbol.for('mptcp.echarts')];
const script = () => globalThis[Symbol.for('mptcp.chart')];

/**
 * Makes a chart from its event. ask is the engine's. draw() draws it once its element is in the document; picture(type)
 * gives it as bytes, as PNG or SVG; end() gives back what it holds. link is the group of charts that it belongs to;
 * onPoint(point, payload) is told of a mark that is clicked.
 */
export function makeChart({ handle, payload }, ask, { link, onPoint } = {}) {
  const host = el('div', { class: 'chart' });
  const ended = new AbortController();
  let chart;
  // On paper stands a drawing that fits it, in light colours.
  const print = () => {
    chart.setScheme('light');
    host.after(el('img', { class: 'printed', alt: '', src: chart.picture('svg') }));
    chart.setScheme('auto');
  };
  return {
    element: el('figure', { class: 'block' }, host),
    draw() {
      chart = script().draw(library(), host, payload, {
        scheme: 'auto',
        save: false,
        onPoint: onPoint && ((point) => onPoint(point, payload)),
        ...link?.options(),
        async more({ from, to }, width) {
          try {
            return (await ask({ do: 'chart', handle, window: { from, to, width: Math.ceil(width) } })).level;
          } catch {
            return null; // the session has gone; the coarse drawing stays
          }
        },
      });
      link?.add(chart);
      addEventListener('beforeprint', print, { signal: ended.signal });
      addEventListener('afterprint', () => host.nextElementSibling?.remove(), { signal: ended.signal });
    },
    picture: (type) => bytesOf(chart.picture(type)),
    end() {
      ended.abort();
      chart?.dispose();
    },
  };
}

/** Saves a chart that has been drawn under a name that ends in .png or .svg. */
export function saveChart(chart, name) {
  const type = name.split('.').pop().toLowerCase();
  download(name, chart.picture(type), type === 'svg' ? 'image/svg+xml' : 'image/png');
}

/** The bytes of a data: URL; the page's policy lets no fetch of one. */
function bytesOf(url) {
  const comma = url.indexOf(',');
  const body = url.slice(comma + 1);
  if (!url.slice(0, comma).endsWith(';base64')) return new TextEncoder().encode(decodeURIComponent(body));
  return Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
}
