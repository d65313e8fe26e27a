/* The sections of the page. */

function offerMeasures(control, measures) {
  control.offer(measures.map((measure) => ({ text: measure.name, value: measure })));
}

function offerViews(control, measure) {
  const views = Object.keys(VIEWS).filter((view) => measure.curves[view]);
  control.offer(views.map((view) => ({ text: `against ${VIEWS[view]}`, value: view })));
}

function offerLayers(control, measure) {
  control.offer(measure.layers.map((layer, i) => ({ text: layer, value: i })));
}

function point(x, found) {
  const several =
    found.n > 1 ? ` (range of ${found.n} runs ${printed(found.low)} … ${printed(found.high)})` : "";
  const whose = found.n > 1 ? "intervals of the runs" : "interval";
  const overImages = found.overImages
    ? `, ${whose} over images ${found.overImages.map(printed).join(" … ")}`
    : "";
  return { x, ...found, text: printed(found.mean) + several + overImages };
}

/** What a measure looked at, so that a chart can be understood by itself. */
function seen(measure) {
  return measure.ofWeights
    ? " Weights alone, no probes."
    : ` Probes: ${study.probes}; ${study.samples}.`;
}

/** What the marks are, if there are any. */
function marked(kind, figures) {
  return figures.some((figure) => figure.undecided)
    ? ` ${kind}: intervals hold the value of unrelated layers.`
    : "";
}

function withCurves(place, measures, start) {
  const usable = measures.filter((measure) => Object.keys(measure.curves).length > 0);
  if (usable.length === 0) {
    nothing(place, "This study has no such figures. Where each run has a single checkpoint, the groups of runs below are what there is to see.");
    return;
  }
  start(usable);
}

/** Layer by layer at one step. */
function profile(place, measures) {
  withCurves(place, measures, (usable) => {
    const offer = () => {
      offerViews(view, measure.value);
      const steps = stepsOfCurves(measure.value, view.value);
      const curves = measure.value.curves[view.value];
      const has = (group, at) => group.runs.some((run) => curves[run].steps.includes(at));
      step.offer(steps, usualEnd(steps, has));
      refresh();
    };
    const measure = picker("Measure", "measure", offer);
    const view = picker("Compared", "view", offer);
    const step = stepSlider("step", () => refresh());
    offerMeasures(measure, usable);
    const refresh = frame(place, [measure, view, step], (drawing) => {
      const chosen = measure.value;
      const series = study.groups.map((group, index) => ({
        name: group.name,
        index,
        points: chosen.layers.flatMap((layer, i) => {
          const found = groupAt(chosen, view.value, group, step.value, i);
          return found ? [point(i, found)] : [];
        }),
      }));
      return {
        option: lineOption(drawing, {
          measure: chosen,
          series,
          names: chosen.layers,
          xName: isNarrow(drawing) ? "" : "layer",
          yName: chosen.axis,
          titleOf: (layer) => layer,
        }),
        height: heightWithNames(drawing, chosen.layers),
        caption: `${chosen.axis}: each layer at ${study.step} ${step.value} against ${VIEWS[view.value]}.${seen(chosen)}${marked("Hollow marks", series.flatMap((one) => one.points))}`,
      };
    });
    offer();
  });
}

/** One layer from step to step. */
function overTraining(place, measures) {
  withCurves(place, measures, (usable) => {
    const offer = () => {
      offerViews(view, measure.value);
      offerLayers(layer, measure.value);
      refresh();
    };
    const measure = picker("Measure", "measure", offer);
    const layer = picker("Layer", "layer", () => refresh());
    const view = picker("Compared", "view", () => refresh());
    const scale = picker("Steps", "scale", () => refresh());
    scale.offer([
      { text: "one place per checkpoint", value: "even" },
      { text: "to scale", value: "scale" },
    ]);
    offerMeasures(measure, usable);
    const refresh = frame(place, [measure, layer, view, scale], (drawing) => {
      const chosen = measure.value;
      const steps = stepsOfCurves(chosen, view.value);
      const even = scale.value === "even";
      const series = study.groups.map((group, index) => ({
        name: group.name,
        index,
        points: steps.flatMap((step, i) => {
          const found = groupAt(chosen, view.value, group, step, layer.value);
          return found ? [point(even ? i : step, found)] : [];
        }),
      }));
      return {
        option: lineOption(drawing, {
          measure: chosen,
          series,
          names: even ? steps.map(String) : undefined,
          xName: study.stepAxis,
          yName: chosen.axis,
          titleOf: (step) => `${chosen.layers[layer.value]}, ${study.step} ${step}`,
        }),
        caption: `${chosen.axis}: layer ${chosen.layers[layer.value]} of each checkpoint against ${VIEWS[view.value]}.${seen(chosen)}${marked("Hollow marks", series.flatMap((one) => one.points))}`,
      };
    });
    offer();
  });
}

/** How well the networks do, step by step. */
function scores(place) {
  if (study.runs.every((run) => run.steps.length === 0)) {
    nothing(place, "The study holds no scores.");
    return;
  }
  const steps = ascending(study.runs.flatMap((run) => run.steps));
  const refresh = frame(place, [], (drawing) => ({
    option: lineOption(drawing, {
      measure: { low: 0, high: null },
      series: study.groups.map((group, index) => ({
        name: group.name,
        index,
        points: steps.flatMap((step, i) => {
          const there = group.runs.map((run) => study.runs[run]);
          const found = summary(there.map((run) => number(run.scores[run.steps.indexOf(step)])));
          return found ? [point(i, found)] : [];
        }),
      })),
      names: steps.map(String),
      xName: study.stepAxis,
      yName: "score",
      titleOf: (step) => `${study.step} ${step}`,
    }),
    caption: "The score that came with each checkpoint, such as Dice on held-out images.",
  }));
  refresh();
}

/**
 * A matrix of the measures that have some under this name. start() is given what its controls call
 * when they change, and returns them, how to fill them, and what to show.
 */
function heatMaps(place, name, none, start) {
  const usable = study.measures.filter((measure) => measure[name]);
  if (usable.length === 0) {
    nothing(place, none);
    return;
  }
  const update = () => {
    section.offer(measure.value);
    refresh();
  };
  const measure = picker("Measure", "measure", update);
  const section = start(update);
  offerMeasures(measure, usable);
  const refresh = frame(place, [measure, ...section.controls], (drawing) => {
    const chosen = measure.value;
    const { low, high } = chosen[name];
    const { caption, ...chart } = section.show(chosen);
    return {
      option: heatOption(drawing, { measure: chosen, low, high, ...chart }),
      caption: `${chosen.axis}; ${caption}.${seen(chosen)}${marked("Dots", chart.matrix.flat())}${leftOut(chosen[name])}`,
    };
  });
  update();
}

function leftOut(maps) {
  return maps.thinned
    ? " Some are left out here to keep the page small; the table has them."
    : "";
}

function offerSources(control, maps) {
  control.offer(sources(maps).map((one) => ({ text: one.name, value: one })));
}

/** All layers against all layers at the end, with a slider. */
function layersByLayers(place) {
  heatMaps(place, "layerMaps", "This study did not compare layers with other layers, or its runs have one checkpoint each.", (update) => {
    const source = picker("Runs", "source", update);
    const step = stepSlider("step", update);
    return {
      controls: [source, step],
      offer(measure) {
        offerSources(source, measure.layerMaps);
        const steps = stepsOfSource(measure.layerMaps, source.value);
        step.offer(steps, steps[0]);
      },
      show: (measure) => ({
        matrix: layerMatrix(measure, source.value, step.value),
        rows: measure.layers,
        columns: measure.layers,
        rowName: `at ${study.step} ${step.value}`,
        columnName: "at the end",
        caption: `${nameAt(measure.layerMaps, source.value, step.value)}; rows: layers at ${study.step} ${step.value}, columns: layers at the end of the same run`,
      }),
    };
  });
}

/** All layers of two networks. */
function networksByNetworks(place) {
  const none =
    "This study did not compare all layers of different networks: track does with --views final_layers, and with --pair for any two checkpoints.";
  heatMaps(place, "networkMaps", none, (update) => {
    const pair = picker("Networks", "pair", update);
    return {
      controls: [pair],
      offer: (measure) =>
        pair.offer(measure.networkMaps.pairs.map((one) => ({ text: one.name, value: one }))),
      show: (measure) => ({
        matrix: networkMatrix(measure, pair.value),
        rows: measure.layers,
        columns: measure.layers,
        rowName: pair.value.rows,
        columnName: pair.value.columns,
        caption: `rows: all layers, ${pair.value.rows}; columns: all layers, ${pair.value.columns}`,
      }),
    };
  });
}

/** One layer, any two steps. */
function stepsBySteps(place) {
  heatMaps(place, "stepMaps", "This study did not compare steps with other steps.", (update) => {
    const source = picker("Runs", "source", update);
    const layer = picker("Layer", "layer", update);
    return {
      controls: [source, layer],
      offer(measure) {
        offerSources(source, measure.stepMaps);
        offerLayers(layer, measure);
      },
      show(measure) {
        const steps = stepsOfSource(measure.stepMaps, source.value).map(String);
        return {
          matrix: stepMatrix(measure, source.value, layer.value),
          rows: steps,
          columns: steps,
          rowName: study.step,
          columnName: `and ${study.step}`,
          caption: `${source.value.name}; layer ${measure.layers[layer.value]}, any two checkpoints`,
        };
      },
    };
  });
}

/** Final networks within and between groups, with tests. */
function groupComparison(place) {
  const usable = study.measures.filter((measure) => measure.groups.length > 0);
  if (usable.length === 0) {
    nothing(place, "This study has no groups of final networks to compare.");
    return;
  }
  const measure = picker("Measure", "measure", () => refresh());
  offerMeasures(measure, usable);
  const refresh = frame(place, [measure], (drawing) => {
    const chosen = measure.value;
    const series = chosen.groups.map((pair, index) => ({
      name: pair.name,
      index,
      points: pair.layers.flatMap((figures, i) => {
        const [mean, low, high, n, difference, p] = figures.map(number);
        if (Number.isNaN(mean)) {
          return [];
        }
        const bounds = Number.isNaN(low) ? "" : ` [${printed(low)}, ${printed(high)}]`;
        const tested = Number.isNaN(p) ? "" : `; difference ${printed(difference)}, p ${p < 0.0005 ? "< 0.001" : `= ${printed(p)}`}`;
        return [
          {
            x: i,
            mean,
            low: Number.isNaN(low) ? mean : low,
            high: Number.isNaN(high) ? mean : high,
            text: `${printed(mean)}${bounds}, ${n} pairs${tested}`,
          },
        ];
      }),
    }));
    return {
      option: lineOption(drawing, {
        measure: chosen,
        series,
        names: chosen.layers,
        xName: isNarrow(drawing) ? "" : "layer",
        yName: chosen.axis,
        titleOf: (layer) => layer,
      }),
      height: heightWithNames(drawing, chosen.layers),
      caption: `${chosen.axis} between the last checkpoints of two runs; line: mean over pairs of runs, band: 95% interval of that mean, over runs.${seen(chosen)}`,
    };
  });
  refresh();
}

/** A chart in its place; sections with nothing to show are left out of the page. */
function draw(name, chart, ...rest) {
  const place = document.querySelector(`[data-chart="${name}"]`);
  if (place) {
    chart(place, ...rest);
  }
}

const ofAnswers = study.measures.filter((measure) => !measure.ofWeights);
const ofWeights = study.measures.filter((measure) => measure.ofWeights);

draw("profile", profile, ofAnswers.length > 0 ? ofAnswers : study.measures);
draw("scores", scores);
draw("curves", overTraining, ofAnswers.length > 0 ? ofAnswers : study.measures);
draw("layers", layersByLayers);
draw("networks", networksByNetworks);
draw("steps", stepsBySteps);
draw("groups", groupComparison);
draw("weights", overTraining, ofWeights);
document.documentElement.dataset.ready = "yes";
