package org.palimpsest.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.filters.Initialisation;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What fresh weights are taken to look like. */
final class StartOption {

  @Option(
      names = "--start",
      paramLabel = "NAME",
      description =
          "What weights are drawn from before training, for the question whether filters still look"
              + " random: pytorch-default, monai, nnunet, keras-default, keras-he-normal,"
              + " he-uniform, he-normal, glorot-uniform, glorot-normal, xavier-normal,"
              + " lecun-uniform, lecun-normal; of any scale: normal, uniform, truncated-normal,"
              + " orthogonal; of this scale: uniform:BOUND, normal:SD. (default: what a test of the"
              + " start tells, layer by layer)")
  private @Nullable String name;

  Optional<Initialisation> named(CommandSpec command) {
    try {
      return Optional.ofNullable(name).map(Initialisation::named);
    } catch (PalimpsestException unknown) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(unknown.getMessage()), unknown);
    }
  }
}
