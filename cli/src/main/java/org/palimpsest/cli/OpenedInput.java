package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.activation.LayerSelector.BlockLayers;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpzActivations;
import org.palimpsest.io.study.Blocks;
import org.palimpsest.io.weights.StateDictNames;

/**
 * One file of a command.
 *
 * @param file its path as it was given
 * @param said what the user says of it
 * @param input what it holds
 * @param spill where a model's activations wait when memory is limited
 */
record OpenedInput(Path file, NetworkOptions said, Input input, Optional<SpilledCapture> spill)
    implements AutoCloseable {

  private static final int MOST_NAMED = 5;

  /** Opens the file that is both of a comparison. */
  static OpenedInput openForBoth(Path file, ModelOptions models) {
    return of(file, models.openForBoth(file), models, 0);
  }

  /** Opens both files of a comparison. */
  static Two openBoth(Path first, Path second, ModelOptions models) {
    List<Input> inputs = models.openBoth(first, second);
    return new Two(of(first, inputs.get(0), models, 0), of(second, inputs.get(1), models, 1));
  }

  /** Both files of a comparison. */
  record Two(OpenedInput first, OpenedInput second) implements AutoCloseable {

    @Override
    public void close() {
      second.close();
      first.close();
    }
  }

  private static OpenedInput of(Path file, Input input, ModelOptions models, int place) {
    boolean spills = models.limitMemory() && input instanceof Input.Model;
    return new OpenedInput(
        file,
        models.said(place),
        input,
        spills ? Optional.of(new SpilledCapture()) : Optional.empty());
  }

  /**
   * Makes sure that what is to be taken off names was taken off those of one of these.
   *
   * @throws PalimpsestException if it was not
   */
  static void requirePrefixes(OpenedInput... all) {
    StateDictNames.requireUse(
        all[0].said.withoutPrefixes(),
        Arrays.stream(all).map(one -> provenanceOf(one.input)).toList());
  }

  private static Provenance provenanceOf(Input input) {
    return input instanceof Input.Model model
        ? model.source().provenance()
        : ((Input.Dump) input).activations().provenance();
  }

  boolean isModel() {
    return input instanceof Input.Model;
  }

  /**
   * Makes sure that activations come from these probes, if it is known from which they come.
   *
   * @throws PalimpsestException if they come from others
   */
  void requireSameProbes(ShownProbes shown) {
    if (input instanceof Input.Dump dump
        && dump.activations().probes().conflictsWith(shown.probes().fingerprint())) {
      throw new PalimpsestException(
          "%s was captured with other probes (fingerprint %s) than those in %s (%s)."
              .formatted(
                  file, dump.activations().probes(), shown.file(), shown.probes().fingerprint()));
    }
  }

  /**
   * Makes sure that activations of which it is not known from which probes they come are as many as
   * these.
   *
   * @param layers those that are compared
   * @throws PalimpsestException if one of them has another number of samples
   */
  void requireAsMany(ShownProbes shown, LayerSelector layers) {
    if (!(input instanceof Input.Dump dump) || !isOfUnknownProbes()) {
      return;
    }
    ActivationSet all = dump.activations();
    Function<String, Optional<Long>> samples = samplesOf(all);
    List<String> others = new ArrayList<>();
    for (String layer : all.select(layers).layers()) {
      samples
          .apply(layer)
          .filter(count -> count != shown.probes().count())
          .ifPresent(count -> others.add("'%s' %s".formatted(layer, count)));
    }
    if (!others.isEmpty()) {
      throw new PalimpsestException(
          "%s holds %s probes, but of the layers of %s have another number of samples: %s. Give the probes that it was captured with, choose layers that are of these with --layers, or leave --probes out where no model is to be shown them."
              .formatted(
                  shown.file(), shown.probes().count(), file, Names.shortened(others, MOST_NAMED)));
    }
  }

  private boolean isOfUnknownProbes() {
    return input instanceof Input.Dump dump && !dump.activations().probes().isKnown();
  }

  /** The number of samples of a layer; nothing for what is no layer or cannot be read. */
  private static Function<String, Optional<Long>> samplesOf(ActivationSet all) {
    if (all instanceof NpzActivations arrays) {
      Map<String, NpyFile.Header> headers = arrays.headers();
      return layer ->
          Optional.ofNullable(headers.get(layer))
              .flatMap(head -> head.shape().stream().findFirst());
    }
    return layer -> {
      try {
        long[] shape = all.get(layer).values().shape();
        return shape.length == 0 ? Optional.empty() : Optional.of(shape[0]);
      } catch (PalimpsestException toldWhenItIsCompared) {
        return Optional.empty();
      }
    };
  }

  /** The blocks of a model of many layers, of which is said that they were chosen; else all. */
  LayerSelector blocksOfMany(Optional<ShownProbes> shown, PrintWriter err) {
    if (!(input instanceof Input.Model model)) {
      return LayerSelector.all();
    }
    try {
      List<String> layers =
          Inputs.layers(file, said)
              .orElseGet(() -> Blocks.layers(model.source(), shown.orElseThrow().probes()));
      return BlockLayers.areMany(layers)
          ? Blocks.among(layers, file.toString(), note -> err.println("note: " + note))
          : LayerSelector.all();
    } catch (PalimpsestException whichTheCaptureWillTell) {
      return LayerSelector.all();
    }
  }

  /** The activations, for which a model is shown the probes. */
  ActivationSet activations(Optional<ShownProbes> shown, LayerSelector layers, Progress progress) {
    try {
      if (input instanceof Input.Model model) {
        ShownProbes probes = shown.orElseThrow();
        return spill.isPresent()
            ? spill.get().capture(model.source(), probes, layers, progress)
            : model.source().capture(probes.probes(), layers, progress);
      }
      ActivationSet all = ((Input.Dump) input).activations();
      return FileKind.of(file) == FileKind.NPY ? all : all.select(layers);
    } catch (PalimpsestException failure) {
      throw naming(failure);
    }
  }

  /** Whether it is a network that takes neither this process's cores nor a bound of memory. */
  boolean runsElsewhere() {
    return spill.isEmpty() && input instanceof Input.Model model && model.isIsolated();
  }

  /** Whether it makes matrices while it runs. */
  boolean canReduce() {
    return input instanceof Input.Model model && model.source() instanceof ReducingSource;
  }

  /** The shapes of the layers' activations. */
  Map<String, long[]> shapes(Optional<ShownProbes> shown, LayerSelector layers) {
    try {
      if (input instanceof Input.Model model && model.source() instanceof ReducingSource network) {
        return network.shapes(shown.orElseThrow().probes(), layers);
      }
      ActivationSet all = activations(shown, layers, Progress.silent());
      Map<String, long[]> shapes = new LinkedHashMap<>();
      all.layers().forEach(layer -> shapes.put(layer, all.get(layer).values().shape()));
      return shapes;
    } catch (PalimpsestException failure) {
      throw naming(failure);
    }
  }

  /** The matrices that a model makes while it is shown the probes. */
  LayerMatrices matrices(
      Optional<ShownProbes> shown,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Progress progress) {
    try {
      ReducingSource network = (ReducingSource) ((Input.Model) input).source();
      ShownProbes probes = shown.orElseThrow();
      return spill.isPresent()
          ? spill.get().capture(network, probes, request, shapes, progress)
          : LayerMatrices.capture(network, probes.probes(), request, shapes, progress);
    } catch (PalimpsestException failure) {
      throw naming(failure);
    }
  }

  /** Where activations came from and, of a model, what it was shown. */
  Provenance provenance(Provenance known, Optional<ShownProbes> shown) {
    if (input instanceof Input.Model model) {
      return shown.orElseThrow().noteOn(model.source().provenance());
    }
    return shown.isPresent() && isOfUnknownProbes() ? uncertain(known, shown.get()) : known;
  }

  private Provenance uncertain(Provenance known, ShownProbes shown) {
    List<String> notes = new ArrayList<>(known.notes());
    notes.add(
        "does not tell from which probes its activations are: that they are as many as those of %s is all that could be checked"
            .formatted(shown.file()));
    return new Provenance(known.origin(), known.sha256(), notes);
  }

  /** The same with the file that it was read from, where the origin alone tells too little. */
  Provenance placed(Provenance known) {
    return new Provenance(
        "%s, read from %s".formatted(known.origin(), file), known.sha256(), known.notes());
  }

  private PalimpsestException naming(PalimpsestException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains(file.getFileName().toString())
        ? failure
        : new PalimpsestException(file + ": " + message, failure);
  }

  @Override
  public void close() {
    input.close();
    if (spill.isPresent()) {
      spill.get().close();
    }
  }
}
