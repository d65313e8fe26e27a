package org.palimpsest.reproduction.training;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;

/**
 * The shape of a U-Net with one input and one output channel.
 *
 * <p>Its modules are {@code enc1 … encD}, {@code upK decK … up1 dec1} (K = D - 1) and {@code out},
 * in the order in which they run; level l has {@code width * 2^(l-1)} channels.
 *
 * @param width channels of the first level
 * @param depth number of levels, D; each but the first halves the grid
 * @param dimensions 2 or 3
 * @param normalisation what follows each convolution
 * @param residual whether a 1×1 convolution carries each block's input to its output
 */
public record UNetDesign(
    int width, int depth, int dimensions, Normalisation normalisation, boolean residual) {

  /** What follows each convolution. */
  public enum Normalisation {
    /** Over the batch; at evaluation by running statistics. */
    BATCH,
    /** Over each image alone. */
    INSTANCE
  }

  private static final int WIDEST = 1024;

  public UNetDesign {
    if (width < 1 || width > WIDEST || depth < 2 || depth > 6 || dimensions < 2 || dimensions > 3) {
      throw new PalimpsestException(
          "A U-Net has a width of 1 to %s, a depth of 2 to 6 and 2 or 3 dimensions, unlike %s, %s and %s."
              .formatted(WIDEST, width, depth, dimensions));
    }
  }

  /** Two-dimensional, widths 8, 16 and 32, batch normalisation, plain blocks. */
  public static UNetDesign small() {
    return new UNetDesign(8, 3, 2, Normalisation.BATCH, false);
  }

  public UNetDesign withWidth(int channels) {
    return new UNetDesign(channels, depth, dimensions, normalisation, residual);
  }

  public UNetDesign withDepth(int levels) {
    return new UNetDesign(width, levels, dimensions, normalisation, residual);
  }

  public UNetDesign withDimensions(int number) {
    return new UNetDesign(width, depth, number, normalisation, residual);
  }

  public UNetDesign withNormalisation(Normalisation kind) {
    return new UNetDesign(width, depth, dimensions, kind, residual);
  }

  public UNetDesign withResidualBlocks() {
    return new UNetDesign(width, depth, dimensions, normalisation, true);
  }

  /** The name of a class that depends on the number of dimensions, such as {@code Conv2d}. */
  String type(String kind) {
    return kind + dimensions + "d";
  }

  String normalisationType() {
    return type(normalisation == Normalisation.BATCH ? "BatchNorm" : "InstanceNorm");
  }

  /** The names of the encoder's blocks, in the order in which they run. */
  public List<String> encoder() {
    return IntStream.rangeClosed(1, depth).mapToObj(level -> "enc" + level).toList();
  }

  /** The names of the decoder's blocks and of the last convolution, in the order they run. */
  public List<String> decoder() {
    List<String> blocks = new ArrayList<>();
    for (int level = depth - 1; level >= 1; level--) {
      blocks.add("up" + level);
      blocks.add("dec" + level);
    }
    blocks.add("out");
    return blocks;
  }

  /** The names of all blocks, in the order in which they run. */
  public List<String> blocks() {
    return Stream.concat(encoder().stream(), decoder().stream()).toList();
  }

  /** Whether a side of an image can be halved from level to level. */
  public boolean canHalve(int extent) {
    return extent % (1 << (depth - 1)) == 0;
  }

  int channels(int level) {
    return width << (level - 1);
  }
}
