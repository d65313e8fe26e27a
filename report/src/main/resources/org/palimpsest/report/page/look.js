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

/** As short as it can be said. */
function shortly(value) {
  return String(+value.toPrecision(3));
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

/** The least round number that is no smaller: a few steps of 1, 2 or 5 times a power of ten. */
function roundedUp(value) {
  if (value <= 0) {
    return 0;
  }
  const unit = Math.pow(10, Math.floor(Math.log10(value)) - 1);
  const step = [1, 2, 5, 10, 20].find((factor) => value / (factor * unit) <= 6) * unit;
  return +(Math.ceil(value / step - 1e-9) * step).toPrecision(6);
}

/** The ends of a measure's axis: as of colours, but negative only as far as values are. */
function axisRange(measure, values) {
  const there = values.filter((value) => !Number.isNaN(value));
  const least = -roundedUp(-Math.min(0, ...there));
  const greatest = roundedUp(Math.max(0, ...there));
  const min = measure.low === null ? least : Math.max(measure.low, least);
  const max = measure.high === null ? greatest : measure.high;
  return { min, max: max > min ? max : min + 1 };
}
