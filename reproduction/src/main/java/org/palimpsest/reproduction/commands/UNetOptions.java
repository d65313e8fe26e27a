package org.palimpsest.reproduction.commands;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.reproduction.training.UNetDesign;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;
import picocli.CommandLine.Option;

/** The options that change the networks of an experiment. */
final class UNetOptions {

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "Channels of the U-Net's first level; each further level has twice as many.")
  private @Nullable Integer width;

  @Option(names = "--depth", paramLabel = "N", description = "Levels of the U-Net, 2 to 6.")
  private @Nullable Integer depth;

  @Option(
      names = "--norm",
      paramLabel = "KIND",
      description = "Normalisation after each convolution: batch or instance.")
  private @Nullable Normalisation normalisation;

  @Option(names = "--residual", description = "Residual blocks instead of plain ones.")
  private boolean residual;

  /** The networks asked for. */
  UNetDesign change(UNetDesign usual) {
    UNetDesign design =
        usual
            .withWidth(Optional.ofNullable(width).orElse(usual.width()))
            .withDepth(Optional.ofNullable(depth).orElse(usual.depth()))
            .withNormalisation(Optional.ofNullable(normalisation).orElse(usual.normalisation()));
    return residual ? design.withResidualBlocks() : design;
  }
}
