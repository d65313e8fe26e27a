/* What ECharts is asked to draw. */

const SIZE = 13;
const LINE = 24;
const ruler = document.createElement("canvas").getContext("2d");

function widest(texts) {
  ruler.font = `${SIZE}px ${getComputedStyle(document.body).fontFamily}`;
  return Math.max(0, ...texts.map((text) => ruler.measureText(text).width));
}

/** How long a name along an axis may be. */
function lettersOfNames(element) {
  return isNarrow(element) ? 15 : 22;
}

/** How many names to leave out after each, so that those left do not touch. */
function skipped(names, room) {
  return Math.max(0, Math.ceil(((SIZE + 3) * names.length) / room) - 1);
}

/** How many rows a legend takes. */
function rowsOfLegend(names, room) {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const width = widest([name]) + 50;
    if (used > 0 && used + width > room) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

function base() {
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: {
      color: themed("--ink"),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: SIZE,
    },
    aria: { enabled: false },
  };
}

function axisLook() {
  return {
    axisLine: { lineStyle: { color: themed("--soft") } },
    axisLabel: { color: themed("--ink"), fontSize: SIZE },
    nameTextStyle: { color: themed("--ink"), fontSize: SIZE },
    splitLine: { lineStyle: { color: themed("--line") } },
  };
}

function tooltip(content) {
  return {
    className: "tip",
    confine: true,
    backgroundColor: themed("--raised"),
    borderColor: themed("--line"),
    textStyle: { color: themed("--ink"), fontSize: SIZE },
    extraCssText: "max-width: 82vw; white-space: normal; overflow-wrap: anywhere;",
    formatter: content,
  };
}

/** Lines of a tooltip; every text in it is escaped here. */
function lines(title, rows) {
  const rest = rows.map(
    (row) =>
      `<span style="display:inline-block;width:10px;height:10px;margin-right:6px;background:${row.color}"></span>` +
      `${escaped(row.name)}: <b>${escaped(row.text)}</b>`
  );
  return [`<b>${escaped(title)}</b>`, ...rest].join("<br>");
}

/** A band as one polygon, the only item of a series that nothing can point at. */
function band(points, color, name) {
  return {
    type: "custom",
    name,
    silent: true,
    clip: true,
    z: 1,
    tooltip: { show: false },
    data: [[points[0].x, points[0].low]],
    renderItem(params, api) {
      const upper = points.map((point) => api.coord([point.x, point.high]));
      const lower = points.map((point) => api.coord([point.x, point.low])).reverse();
      return {
        type: "polygon",
        shape: { points: upper.concat(lower) },
        style: { fill: color, opacity: 0.18 },
      };
    },
  };
}

/** Where intervals hold the value of unrelated layers. */
function hollow(color) {
  return { color: themed("--raised"), borderColor: color, borderWidth: 1.5 };
}

/**
 * Lines with bands. Each series has a name, its place among all (for its look), and points
 * {x, mean, low, high, text}; x is a place on the axis of names, or a number.
 */
function lineOption(element, chart) {
  const narrow = isNarrow(element);
  const drawn = chart.series.filter((series) => series.points.length > 0);
  const all = drawn.flatMap((s) => s.points.flatMap((p) => [p.mean, p.low, p.high]));
  const range = axisRange(chart.measure, all);
  const names = chart.names;
  const letters = lettersOfNames(element);
  const longest = names ? widest(names.map((name) => abridged(name, letters))) : 0;
  const level = names && (longest + 8) * names.length < element.clientWidth - 70;
  const legendRows = rowsOfLegend(drawn.map((series) => series.name), element.clientWidth - 10);
  return {
    ...base(),
    grid: {
      left: narrow ? 48 : 66,
      right: 16,
      top: 14 + LINE * legendRows,
      bottom: names && !level ? 40 + longest : 48,
    },
    legend: {
      top: 0,
      left: 0,
      itemWidth: 30,
      textStyle: { color: themed("--ink"), fontSize: SIZE },
      data: drawn.map((series) => series.name),
    },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "line" },
      ...tooltip((found) => tooltipOfLines(found, chart, drawn)),
    },
    xAxis: {
      ...axisLook(),
      type: names ? "category" : "value",
      data: names,
      name: chart.xName,
      nameLocation: "middle",
      nameGap: names && !level ? 18 + longest : 28,
      boundaryGap: Boolean(names),
      splitLine: { show: false },
      axisLabel: {
        color: themed("--ink"),
        fontSize: SIZE,
        rotate: level ? 0 : names ? 90 : 0,
        hideOverlap: true,
        interval: names && !level ? skipped(names, element.clientWidth - 82) : "auto",
        formatter: (text) => (names ? abridged(text, letters) : stepText(Number(text))),
      },
    },
    yAxis: {
      ...axisLook(),
      type: "value",
      name: chart.yName,
      nameLocation: "middle",
      nameGap: narrow ? 34 : 46,
      min: range.min,
      max: range.max,
    },
    series: drawn.flatMap((series) => {
      const style = look(series.index);
      const line = {
        type: "line",
        name: series.name,
        z: 3,
        symbol: style.symbol,
        symbolSize: series.points.length > 60 ? 4 : 7,
        showAllSymbol: true,
        itemStyle: { color: style.color },
        lineStyle: { color: style.color, width: 2, type: style.dash },
        data: series.points.map((point) =>
          point.undecided
            ? { value: [point.x, point.mean], itemStyle: hollow(style.color) }
            : [point.x, point.mean],
        ),
      };
      const wide = series.points.some((point) => point.high > point.low);
      return wide ? [line, band(series.points, style.color, series.name)] : [line];
    }),
  };
}

function tooltipOfLines(found, chart, drawn) {
  if (found.length === 0) {
    return "";
  }
  const x = found[0].value[0];
  const rows = drawn.flatMap((series) => {
    const point = series.points.find((candidate) => candidate.x === x);
    return point ? [{ name: series.name, color: look(series.index).color, text: point.text }] : [];
  });
  return lines(chart.names ? chart.titleOf(chart.names[x]) : chart.titleOf(stepText(x)), rows);
}

/** Enough for the lines and for names that stand upright. */
function heightWithNames(element, names) {
  const letters = lettersOfNames(element);
  return Math.round(370 + widest(names.map((name) => abridged(name, letters))));
}

function endsOf(cell) {
  return cell.ends
    ? [{ color: "transparent", name: "interval", text: cell.ends.map(printed).join(" … ") }]
    : [];
}

/** Marks of cells whose intervals hold the value of unrelated layers, beside numbers of this room. */
function dots(cells, room) {
  return {
    type: "scatter",
    data: cells,
    silent: true,
    symbolSize: room > 0 ? 5 : 4,
    symbolOffset: room > 0 ? [room * 0.36, room * 0.32] : [0, 0],
    itemStyle: { color: "#fff", opacity: 1, borderColor: "#333", borderWidth: 0.8 },
    tooltip: { show: false },
  };
}

/** A matrix; chart has rows, columns, their names, matrix, measure and the colours' range. */
function heatOption(element, chart) {
  const narrow = isNarrow(element);
  const letters = lettersOfNames(element);
  const wide = (names) => widest(names.map((name) => abridged(name, letters)));
  const colours = colourRange(chart.measure, chart.low, chart.high);
  const data = [];
  const undecided = [];
  chart.matrix.forEach((row, i) =>
    row.forEach((cell, j) => {
      if (!Number.isNaN(cell.value)) {
        data.push([j, i, cell.value]);
        if (cell.undecided) {
          undecided.push([j, i, cell.value]);
        }
      }
    })
  );
  const few = chart.columns.length <= (narrow ? 6 : 14);
  const names = {
    ...axisLook(),
    type: "category",
    splitArea: { show: false },
    axisTick: { show: false },
  };
  const label = {
    color: themed("--ink"),
    fontSize: SIZE,
    formatter: (name) => abridged(name, letters),
  };
  const grid = {
    left: wide(chart.rows) + 38,
    right: narrow ? 8 : 92,
    top: 8,
    bottom: wide(chart.columns) + (narrow ? 92 : 42),
  };
  const across = element.clientWidth - grid.left - grid.right;
  const down = element.clientHeight - grid.top - grid.bottom;
  return {
    ...base(),
    grid,
    tooltip: tooltip((cell) =>
      lines(`${chart.measure.name} = ${printed(cell.value[2])}`, [
        { color: "transparent", name: chart.rowName, text: chart.rows[cell.value[1]] },
        { color: "transparent", name: chart.columnName, text: chart.columns[cell.value[0]] },
        ...endsOf(chart.matrix[cell.value[1]][cell.value[0]]),
      ])
    ),
    xAxis: {
      ...names,
      data: chart.columns,
      name: abridged(chart.columnName, narrow ? 26 : 70),
      nameLocation: "middle",
      nameGap: wide(chart.columns) + 18,
      axisLabel: { ...label, rotate: 90, interval: skipped(chart.columns, across) },
    },
    yAxis: {
      ...names,
      data: chart.rows,
      inverse: true,
      name: abridged(chart.rowName, narrow ? 26 : 60),
      nameLocation: "middle",
      nameGap: wide(chart.rows) + 18,
      axisLabel: { ...label, interval: skipped(chart.rows, down) },
    },
    visualMap: {
      type: "continuous",
      seriesIndex: 0,
      min: colours.low,
      max: colours.high,
      calculable: false,
      precision: 2,
      orient: narrow ? "horizontal" : "vertical",
      right: narrow ? "center" : 4,
      top: narrow ? undefined : 8,
      bottom: narrow ? 4 : undefined,
      itemHeight: narrow ? 180 : 240,
      text: [shortly(colours.high), shortly(colours.low)],
      textStyle: { color: themed("--ink") },
      inRange: { color: colours.colours },
    },
    series: [
      {
        type: "heatmap",
        data,
        progressive: 0,
        label: { show: few, formatter: (cell) => cell.value[2].toFixed(2), fontSize: 11 },
        itemStyle: { borderWidth: 0 },
      },
      dots(undecided, few ? Math.min(across / chart.columns.length, down / chart.rows.length) : 0),
    ],
  };
}
