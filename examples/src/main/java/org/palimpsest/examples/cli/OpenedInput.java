package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.npy.NpyActivations;

/**
 * One file of a command.
 *
 * @param file its path as it was given
 * @param input what it holds
 */
record OpenedInput(Path file, Input input) implements AutoCloseable {

  static OpenedInput open(Path file) {
    return new OpenedInput(file, Inputs.open(file));
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

  /** The activations, for which a model is shown the probes. */
  ActivationSet activations(Optional<ShownProbes> shown, LayerSelector layers, Progress progress) {
    try {
      if (input instanceof Input.Model model) {
        return model.source().capture(shown.orElseThrow().probes(), layers, progress);
      }
      ActivationSet all = ((Input.Dump) input).activations();
      return all instanceof NpyActivations ? all : all.select(layers);
    } catch (PalimpsestException failure) {
      throw naming(failure);
    }
  }

  /** Where activations came from and, of a model, what it was shown. */
  Provenance provenance(Provenance known, Optional<ShownProbes> shown) {
    return isModel() ? shown.orElseThrow().noteOn(known) : known;
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
  }
}
