(() => {
  const key = Symbol.for("mptcp.sort");
  if (document[key]) return;
  document[key] = true;
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.v ?? (cell.classList.contains("mptcp-none") ? "" : cell.textContent);
  };
  const sort = (th) => {
    const table = th.closest("table"), body = table.tBodies[0];
    const column = th.cellIndex, down = th.getAttribute("aria-sort") === "ascending";
    for (const other of th.parentNode.cells) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const order = new Intl.Collator("en", { numeric: true }).compare;
    const numeric = th.classList.contains("mptcp-num");
    const rows = Array.from(body.rows, (row) => ({ row, v: value(row, column) }));
    rows.sort((a, b) => {
      if (a.v === "" || b.v === "") return (a.v === "") - (b.v === "");
      const d = (numeric ? a.v - b.v : 0) || order(a.v, b.v);
      return down ? -d : d;
    });
    body.append(...rows.map((r) => r.row));
  };
  const head = (e) => e.target instanceof Element && e.target.closest(".mptcp-table th");
  document.addEventListener("click", (e) => { const th = head(e); if (th) sort(th); });
  document.addEventListener("keydown", (e) => {
    const th = (e.key === "Enter" || e.key === " ") && head(e);
    if (!th) return;
    e.preventDefault();
    e.stopPropagation();
    sort(th);
  }, true);
})();
