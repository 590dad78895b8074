(function () {
  "use strict";
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  // Figures name their colours as CSS variables, such as "--accent".
  function painted(value, style) {
    if (typeof value === "string") {
      return value.startsWith("--") ? style.getPropertyValue(value).trim() : value;
    }
    if (Array.isArray(value)) return value.map((each) => painted(each, style));
    if (value && typeof value === "object") {
      const pairs = Object.entries(value).map(([key, each]) => [key, painted(each, style)]);
      return Object.fromEntries(pairs);
    }
    return value;
  }

  function axis(given, style) {
    const line = style.getPropertyValue("--line").trim();
    return Object.assign(
      { automargin: true, gridcolor: line, linecolor: line, zeroline: false, fixedrange: true },
      given,
      { title: Object.assign({ standoff: 10 }, given.title) }
    );
  }

  function layout(given, style) {
    return Object.assign({}, given, {
      autosize: true,
      margin: { l: 8, r: 12, t: 8, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: {
        family: style.getPropertyValue("--font").trim(),
        size: 12,
        color: style.getPropertyValue("--muted").trim(),
      },
      hovermode: "closest",
      hoverlabel: {
        bgcolor: style.getPropertyValue("--panel").trim(),
        bordercolor: style.getPropertyValue("--line").trim(),
        font: { color: style.getPropertyValue("--ink").trim() },
      },
      showlegend: given.showlegend !== false,
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1.02, yanchor: "bottom" },
      xaxis: axis(given.xaxis || {}, style),
      yaxis: axis(given.yaxis || {}, style),
    });
  }

  function draw() {
    const style = getComputedStyle(document.documentElement);
    for (const element of document.querySelectorAll(".plot")) {
      const figure = painted(figures[element.dataset.figure], style);
      const options = { responsive: true, displayModeBar: false };
      Plotly.react(element, figure.data, layout(figure.layout, style), options);
    }
  }

  function copied(button) {
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    const selection = window.getSelection();
    selection.selectAllChildren(source);
    if (document.execCommand("copy")) return copied(button);
    navigator.clipboard.writeText(source.textContent).then(() => copied(button));
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(button));
  }
  dark.addEventListener("change", draw);
  draw();
})();
