// What of ECharts our charts use. `make vendor-echarts` bundles it into echarts.js.gz. The library is kept under a symbol
// instead of a global name, so that it lives beside require.js and beside another ECharts in the same page.
import * as core from "echarts/core";
import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, AxisPointerComponent, DataZoomSliderComponent, GridComponent, LegendPlainComponent, TitleComponent,
} from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

core.use([
  AriaComponent, AxisPointerComponent, BarChart, CanvasRenderer, DataZoomSliderComponent, GridComponent, LegendPlainComponent,
  LineChart, SVGRenderer, ScatterChart, TitleComponent,
]);

globalThis[Symbol.for("mptcp.echarts")] ??= {
  init: core.init,
  Circle: core.graphic.Circle,
  Rect: core.graphic.Rect,
  version: core.version,
};
