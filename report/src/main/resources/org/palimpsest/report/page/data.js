"use strict";

/* The figures of the study, as the page carries them. NaN is a figure that there is not. */

const study = JSON.parse(document.getElementById("study").textContent);

const VIEWS = {
  to_start: "the start of its own run",
  to_end: "the end of its own run",
  to_source: "the end of the source network",
  to_next: "the next checkpoint of its run",
};

function number(value) {
  return value === null || value === undefined ? NaN : value;
}

/** Two bytes a figure, the low one first; 65535 is none. */
function unpacked(text, range) {
  const bytes = atob(text);
  const scale = range.high / 65534 - range.low / 65534;
  const values = new Float64Array(bytes.length / 2);
  for (let i = 0; i < values.length; i++) {
    const code = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8);
    values[i] = code === 65535 ? NaN : range.low + code * scale;
  }
  return values;
}

/** The values of matrices and, where these have intervals, their ends. Unpacked once. */
function figures(maps, entry) {
  if (!entry.figures) {
    entry.figures = { values: unpacked(entry.data, maps) };
    if (maps.ends) {
      entry.figures.lows = unpacked(entry.lows, maps.ends);
      entry.figures.highs = unpacked(entry.highs, maps.ends);
      entry.figures.undecided = entry.undecided;
    }
  }
  return entry.figures;
}

function ascending(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** All steps at which any run has a value. */
function stepsOfCurves(measure, view) {
  return ascending(measure.curves[view].flatMap((run) => run.steps));
}

/** A value, or with "lows" and "highs" the ends of its interval over images. */
function valueAt(measure, view, run, step, layer, what = "values") {
  const curve = measure.curves[view][run];
  const at = curve.steps.indexOf(step);
  return at < 0 || !curve[what] ? NaN : number(curve[what][at][layer]);
}

function summary(values) {
  const there = values.filter((value) => !Number.isNaN(value));
  if (there.length === 0) {
    return null;
  }
  const sum = there.reduce((a, b) => a + b, 0);
  return {
    mean: sum / there.length,
    low: Math.min(...there),
    high: Math.max(...there),
    n: there.length,
  };
}

function groupAt(measure, view, group, step, layer) {
  const all = (what) => group.runs.map((run) => valueAt(measure, view, run, step, layer, what));
  const found = summary(all("values"));
  const lows = summary(all("lows"));
  const highs = summary(all("highs"));
  const marks = summary(all("undecided"));
  return found && lows && highs
    ? { ...found, overImages: [lows.low, highs.high], undecided: marks.low === 1 }
    : found;
}

/** The latest step that at least half of the groups have reached. */
function usualEnd(steps, has) {
  const reached = (step) => study.groups.filter((group) => has(group, step)).length;
  const common = steps.filter((step) => 2 * reached(step) >= study.groups.length);
  return common.length > 0 ? common[common.length - 1] : steps[steps.length - 1];
}

/** Groups first, as means over their runs, then single runs: those that have matrices. */
function sources(maps) {
  const there = (run) => maps.runs[run].steps.length > 0;
  const groups = study.groups
    .filter((group) => group.runs.filter(there).length > 1)
    .map((group) => ({
      name: `${group.name}: mean of ${group.runs.filter(there).length} runs`,
      runs: group.runs.filter(there),
    }));
  const runs = study.runs
    .map((run, i) => ({ name: run.name, runs: [i] }))
    .filter((source) => there(source.runs[0]));
  return groups.concat(runs);
}

/** The name of a source, and how many of its runs have a step where not all have. */
function nameAt(maps, source, step) {
  const count = source.runs.filter((run) => maps.runs[run].steps.includes(step)).length;
  return count === source.runs.length
    ? source.name
    : `${source.name}, of which ${count} ${count === 1 ? "has" : "have"} ${study.step} ${step}`;
}

function stepsOfSource(maps, source) {
  return ascending(source.runs.flatMap((run) => maps.runs[run].steps));
}

/** The mean of the cells at some places of some figures, from the lowest to the highest end. */
function meanCell(places) {
  const found = summary(places.map(({ of, at }) => of.values[at]));
  const there = places.filter(({ of, at }) => of.lows && !Number.isNaN(of.lows[at]));
  if (!found || there.length === 0) {
    return { value: found ? found.mean : NaN };
  }
  return {
    value: found.mean,
    ends: [
      Math.min(...there.map(({ of, at }) => of.lows[at])),
      Math.max(...there.map(({ of, at }) => of.highs[at])),
    ],
    undecided: there.every(({ of, at }) => of.undecided[at] === "1"),
  };
}

/** Entry by entry, the mean of the matrices that start at the given places. */
function meanMatrix(parts, rows, columns) {
  const matrix = [];
  for (let i = 0; i < rows; i++) {
    matrix.push([]);
    for (let j = 0; j < columns; j++) {
      matrix[i].push(meanCell(parts.map(({ of, from }) => ({ of, at: from + i * columns + j }))));
    }
  }
  return matrix;
}

/** All layers at a step (rows) against all layers at the end (columns). */
function layerMatrix(measure, source, step) {
  const maps = measure.layerMaps;
  const size = measure.layers.length;
  const parts = source.runs
    .filter((run) => maps.runs[run].steps.includes(step))
    .map((run) => ({
      of: figures(maps, maps.runs[run]),
      from: maps.runs[run].steps.indexOf(step) * size * size,
    }));
  return meanMatrix(parts, size, size);
}

/** All layers of one network (rows) against all layers of another (columns). */
function networkMatrix(measure, pair) {
  const size = measure.layers.length;
  return meanMatrix([{ of: figures(measure.networkMaps, pair), from: 0 }], size, size);
}

/** One layer at any step (rows) against itself at any other (columns), over the runs that have both. */
function stepMatrix(measure, source, layer) {
  const maps = measure.stepMaps;
  const steps = stepsOfSource(maps, source);
  const runs = source.runs.map((run) => ({
    of: figures(maps, maps.runs[run]),
    steps: maps.runs[run].steps,
  }));
  const placeOf = (run, row, column) => {
    const size = run.steps.length;
    return (layer * size + run.steps.indexOf(row)) * size + run.steps.indexOf(column);
  };
  return steps.map((row) =>
    steps.map((column) => {
      const both = runs.filter((run) => run.steps.includes(row) && run.steps.includes(column));
      return meanCell(both.map((run) => ({ of: run.of, at: placeOf(run, row, column) })));
    }),
  );
}
