/* How charts look: the same colours, marks and dashes as the pictures beside this page. */

const SEQUENTIAL = [
  "#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725",
];
const DIVERGING = [
  "#14488c", "#2166ac", "#67a9cf", "#d1e5f0", "#ffffff", "#fddbc7", "#ef8a62", "#b2182b", "#7f0f20",
];
const SERIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#808080"];
const MARKS = ["circle", "rect", "triangle", "diamond", "roundRect"];
const DASHES = ["solid", [7, 3], [2, 2.5], [9, 2, 2, 2]];

function look(series) {
  return {
    color: SERIES[series % SERIES.length],
    symbol: MARKS[series % MARKS.length],
    dash: DASHES[series % DASHES.length],
  };
}

function themed(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function isNarrow(element) {
  return element.clientWidth < 520;
}

/** As text, whatever it holds: names come from files of other people. */
function escaped(text) {
  const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(text).replace(/[&<>"']/g, (mark) => marks[mark]);
}

function printed(value) {
  if (value === null || Number.isNaN(value)) {
    return "none";
  }
  const text = Math.abs(value) < 100 ? value.toFixed(3) : value.toPrecision(4);
  return text === "-0.000" ? "0.000" : text;
}

/** The first letters and as much of the end as the number of letters allows. */
function abridged(name, letters) {
  return name.length <= letters ? name : `${name.slice(0, 3)}…${name.slice(4 - letters)}`;
}

function stepText(step) {
  if (step >= 1e6) {
    return `${+(step / 1e6).toFixed(2)}M`;
  }
  return step >= 1e4 ? `${+(step / 1e3).toFixed(2)}k` : String(step);
}

/** The ends of a measure's colours: its range, and where that is open the values. */
function colourRange(measure, low, high) {
  const least = measure.low === null ? Math.min(0, low) : measure.low;
  const greatest = measure.high === null ? Math.max(0, high) : measure.high;
  if (least < 0) {
    const limit = Math.max(-least, greatest) || 1;
    return { low: -limit, high: limit, colours: DIVERGING };
  }
  const colours = measure.distance ? [...SEQUENTIAL].reverse() : SEQUENTIAL;
  return { low: least, high: greatest > least ? greatest : least + 1, colours };
}

/** The ends of a measure's axis: as of colours, but negative only as far as values are. */
function axisRange(measure, values) {
  const there = values.filter((value) => !Number.isNaN(value));
  const least = Math.min(0, ...there);
  return {
    min: measure.low === null ? least : Math.max(measure.low, least),
    max: measure.high === null ? undefined : measure.high,
  };
}
