package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.io.Input;
import org.palimpsest.io.npy.NpzActivations;
import org.palimpsest.io.weights.StateDictNames;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes down what a model's layers answer to the probes. */
@Command(
    name = "capture",
    description = {
      "Shows a model the probes and writes what its layers answer: an .npz with one array per"
          + " layer, named by the layer's path, samples first.",
      "Prints the layers and the shapes of their arrays."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar capture model.pt --probes probes.npy -o all.npz",
      "  java -jar palimpsest.jar capture model.onnx --probes 'images/*.png' \\",
      "      --normalise unit --layers 'enc*,out' -o activations.npz"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CaptureCommand implements Callable<Integer>, WritesFiles {

  @Spec private CommandSpec command;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description =
          "A model: TorchScript, a program of torch.export, ONNX, a checkpoint or results folder of"
              + " nnU-Net, a MONAI bundle, a state dict with --architecture, or a network that DL4J"
              + " (.zip) or Keras (.keras, .h5) saved. What counts is what the file holds, not its"
              + " name; 'inspect' tells it.")
  private Path model;

  @Mixin private ProbeOptions probes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Decides which patches of volumes are drawn. (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private LayerOptions layers;

  @Mixin private ModelOptions models;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT.npz",
      required = true,
      description = "Where to write. Folders that are missing are made.")
  private Path output;

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    return List.of(output);
  }

  @Override
  public Integer call() {
    if (!probes.areGiven()) {
      throw new ParameterException(
          command.commandLine(), "A model must be shown something: give --probes.");
    }
    NativeLibraries.loadAhead();
    try (Input input = models.open(model)) {
      if (!(input instanceof Input.Model opened)) {
        throw new PalimpsestException(
            model + " holds activations already; a model is needed here.");
      }
      StateDictNames.requireUse(
          models.said(0).withoutPrefixes(), List.of(opened.source().provenance()));
      capture(opened.source(), probes.open(seed, command.commandLine().getErr()).orElseThrow());
    }
    return 0;
  }

  private void capture(ActivationSource source, ShownProbes shown) {
    SpilledCapture.write(output, source, shown, layers.selector(), TerminalProgress.ifWatched());
    NpzActivations written = NpzActivations.open(output);
    print(written);
    Cautions.of(written.provenance()).print(command.commandLine().getErr());
    shown.report(command.commandLine().getErr());
  }

  private void print(NpzActivations written) {
    PrintWriter out = command.commandLine().getOut();
    new TextColumns(2)
        .print(
            written.headers().entrySet().stream()
                .map(layer -> List.of(layer.getKey(), layer.getValue().shape().toString()))
                .toList(),
            out);
  }
}
