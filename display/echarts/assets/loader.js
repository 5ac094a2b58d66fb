(config => {
  const library = Symbol.for("mptcp.echarts"), chart = Symbol.for("mptcp.chart"), loading = Symbol.for("mptcp.loading");
  const here = document.currentScript;
  const ready = () => globalThis[library] && globalThis[chart]?.format === config.payload.v;
  // The front end may run this before the output is in the document, or from somewhere else in it.
  const hosts = () => {
    const mine = `[data-mptcp-chart="${config.payload.id}"]:not([data-mptcp-drawn])`;
    const beside = here?.parentNode?.querySelectorAll?.(mine);
    return beside?.length ? beside : document.querySelectorAll(mine);
  };
  const run = (code) => {
    const script = document.createElement("script");
    script.textContent = code;
    document.head.append(script);
    script.remove();
  };
  const unpack = async (parts) => {
    for (const packed of parts) {
      const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
      run(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
    }
  };
  const fetchFrom = (url) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = done;
    script.onerror = () => failed(new Error("no chart library at " + url));
    document.head.append(script);
  });
  const base = () => {
    const data = document.getElementById("jupyter-config-data");
    return document.body.dataset.baseUrl ?? (data ? JSON.parse(data.textContent).baseUrl : undefined);
  };
  const load = () => {
    if (ready()) return Promise.resolve();
    if (config.packed) return unpack(config.packed);
    const root = base();
    if (root === undefined) return Promise.reject(new Error("no server"));
    const url = root.replace(/\/?$/, "/") + "kernelspecs/" + encodeURIComponent(config.kernel) + "/echarts.js";
    globalThis[loading] ??= fetchFrom(url).catch((e) => {
      globalThis[loading] = undefined;
      throw e;
    });
    return globalThis[loading];
  };
  const show = (host) => {
    host.dataset.mptcpDrawn = "";
    const stage = document.createElement("div"), picture = host.firstElementChild;
    host.append(stage);
    try {
      globalThis[chart].draw(globalThis[library], stage, config.payload, { scheme: config.scheme });
      picture?.remove();
    } catch (e) {
      stage.remove();
      console.warn("mptcpanalyzer: the picture stays:", e);
    }
  };
  const start = (tries) => {
    const found = hosts();
    if (found.length) found.forEach(show);
    else if (tries > 0) setTimeout(() => start(tries - 1), 50);
  };
  load().then(() => { if (ready()) start(100); }, (e) => console.info("mptcpanalyzer: the picture stays:", e.message));
})
