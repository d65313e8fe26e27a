/* Pickers and sliders, and the frame that joins them with a chart. */

function labelled(text, control, kind) {
  const label = document.createElement("label");
  if (kind) {
    label.className = kind;
  }
  const name = document.createElement("span");
  name.textContent = text;
  label.append(name, control);
  return label;
}

/** A list to pick from; keeps what was picked when the options change, if it is still there. */
function picker(text, name, changed) {
  const select = document.createElement("select");
  select.name = name;
  select.addEventListener("change", changed);
  let values = [];
  return {
    element: labelled(text, select),
    offer(options) {
      const before = select.value;
      values = options.map((option) => option.value);
      select.replaceChildren(
        ...options.map((option) => {
          const item = document.createElement("option");
          item.textContent = option.text;
          item.value = option.text;
          return item;
        })
      );
      if (options.some((option) => option.text === before)) {
        select.value = before;
      }
      select.disabled = options.length < 2;
    },
    get value() {
      return values[Math.max(0, select.selectedIndex)];
    },
  };
}

/** A slider over steps. */
function stepSlider(name, changed) {
  const range = document.createElement("input");
  range.type = "range";
  range.name = name;
  range.min = "0";
  range.step = "1";
  const label = labelled("", range, "slider");
  let steps = [];
  let chosen = null;
  const show = () => {
    label.firstChild.textContent = `${study.step[0].toUpperCase()}${study.step.slice(1)} ${steps[Number(range.value)]}`;
    range.setAttribute("aria-valuetext", label.firstChild.textContent);
  };
  range.addEventListener("input", () => {
    chosen = steps[Number(range.value)];
    show();
    changed();
  });
  return {
    element: label,
    offer(offered, usual) {
      steps = offered;
      range.max = String(Math.max(0, steps.length - 1));
      const wanted = steps.includes(chosen) ? chosen : usual;
      range.value = String(Math.max(0, steps.indexOf(wanted)));
      range.disabled = steps.length < 2;
      show();
    },
    get value() {
      return steps[Number(range.value)];
    },
  };
}

/** The figures of a chart by their places: x across, y down, and where ECharts keeps them. */
function figuresOf(chart) {
  const figures = new Map();
  chart.getOption().series.forEach((series, seriesIndex) => {
    if (series.type === "line" || series.type === "heatmap") {
      series.data.forEach(([x, second], dataIndex) => {
        const y = series.type === "line" ? 0 : second;
        if (!figures.has(`${x} ${y}`)) {
          figures.set(`${x} ${y}`, { x, y, seriesIndex, dataIndex });
        }
      });
    }
  });
  return [...figures.values()];
}

/** The nearest figure in the direction of the key, of those in the same row or column. */
function neighbour(figures, from, key) {
  const [along, across, sign] = {
    ArrowRight: ["x", "y", 1],
    ArrowLeft: ["x", "y", -1],
    ArrowDown: ["y", "x", 1],
    ArrowUp: ["y", "x", -1],
  }[key];
  const further = (figure) => sign * (figure[along] - from[along]);
  return figures
    .filter((figure) => figure[across] === from[across] && further(figure) > 0)
    .reduce((best, figure) => (best && further(best) <= further(figure) ? best : figure), null);
}

/** Lets arrow keys go from figure to figure, as a pointer does; what is there is told as well. */
function walkable(drawing, chart, spoken) {
  let at = null;
  drawing.tabIndex = 0;
  drawing.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      chart.dispatchAction({ type: "hideTip" });
    }
    if (!event.key.startsWith("Arrow")) {
      return;
    }
    event.preventDefault();
    const figures = figuresOf(chart);
    const still = at && figures.find((figure) => figure.x === at.x && figure.y === at.y);
    at = still ? neighbour(figures, still, event.key) || still : figures[0];
    if (at) {
      chart.dispatchAction({ type: "showTip", seriesIndex: at.seriesIndex, dataIndex: at.dataIndex });
      const tip = drawing.querySelector(".tip");
      spoken.textContent = tip ? tip.innerText : "";
    }
  });
  drawing.addEventListener("blur", () => chart.dispatchAction({ type: "hideTip" }));
}

/**
 * Controls, a drawing and a caption in the place that the page keeps for a chart. draw() returns
 * the option, the caption and, if it must be another than usual, the height; it is asked again when the window or its colours change.
 */
function frame(place, controls, draw) {
  const row = document.createElement("div");
  row.className = "controls";
  row.append(...controls.map((control) => control.element));
  const drawing = document.createElement("div");
  drawing.className = "drawing";
  drawing.setAttribute("role", "application");
  const caption = document.createElement("p");
  caption.className = "caption";
  const spoken = document.createElement("p");
  spoken.className = "spoken";
  spoken.setAttribute("aria-live", "polite");
  place.append(row, drawing, caption, spoken);
  if (place.classList.contains("tall")) {
    drawing.style.height = `${Math.round(Math.min(640, drawing.clientWidth * 0.8 + 130))}px`;
  }
  const chart = echarts.init(drawing, null, { renderer: "canvas" });
  walkable(drawing, chart, spoken);
  const refresh = () => {
    const drawn = draw(drawing);
    if (drawn.height) {
      drawing.style.height = `${drawn.height}px`;
      chart.resize();
    }
    chart.setOption(drawn.option, { notMerge: true });
    caption.textContent = drawn.caption;
    drawing.setAttribute("aria-label", `${drawn.caption} Arrow keys go from figure to figure.`);
  };
  window.addEventListener("resize", () => {
    chart.resize();
    refresh();
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
  return refresh;
}

function nothing(place, text) {
  const paragraph = document.createElement("p");
  paragraph.className = "caption";
  paragraph.textContent = text;
  place.replaceChildren(paragraph);
}
