package org.palimpsest.io.internal.monai;

import java.util.List;
import org.palimpsest.io.internal.nn.Arguments;

/**
 * The arguments that U-Nets of levels within levels have in common.
 *
 * @param channels of each level, the top first
 * @param strides between levels; more than are needed are allowed and without effect
 */
record Levels(
    int axes,
    long inputs,
    long outputs,
    List<Long> channels,
    List<List<Long>> strides,
    List<Long> kernel,
    List<Long> upKernel) {

  static Levels of(Arguments arguments) {
    int axes = Networks.axes(arguments, "spatial_dims");
    List<Long> channels = arguments.integers("channels");
    int given = arguments.node("strides").size();
    if (channels.size() < 2 || given < channels.size() - 1) {
      throw arguments.wrong("strides", "one stride less than channels, and 2 channels at least,");
    }
    return new Levels(
        axes,
        arguments.integer("in_channels"),
        arguments.integer("out_channels"),
        channels,
        arguments.lists("strides", given, axes),
        arguments.integers("kernel_size", axes, 3),
        arguments.integers("up_kernel_size", axes, 3));
  }

  /** Whether the level below this one is the bottom. */
  boolean isLowest(int index) {
    return index == channels.size() - 2;
  }
}
