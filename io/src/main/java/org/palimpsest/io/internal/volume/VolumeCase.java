package org.palimpsest.io.internal.volume;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * The channels of one case, perhaps with a mask of labels, on one grid. Each step of a preparation
 * changes it, so that of a large volume no more than two arrays of a channel are there at a time.
 */
public final class VolumeCase {

  private final String name;
  private Geometry geometry;
  private final float[][] channels;
  private short @Nullable [] marks;
  private final boolean masked;
  private @Nullable BitSet inside;
  private boolean zerosUncertain;
  private final List<String> notes = new ArrayList<>();

  /**
   * @param name what to call it in messages
   * @param channels per channel the voxels; owned by the case from then on
   * @param labels the label of each voxel, if there is a mask
   */
  public VolumeCase(String name, Geometry geometry, float[][] channels, short @Nullable [] labels) {
    this.name = name;
    this.geometry = geometry;
    this.channels = channels;
    this.marks = labels;
    this.masked = labels != null;
  }

  public String name() {
    return name;
  }

  public Geometry geometry() {
    return geometry;
  }

  public int channels() {
    return channels.length;
  }

  /** The voxels of a channel, the last axis varying fastest; not to be changed by the caller. */
  public float[] channel(int channel) {
    return channels[channel];
  }

  /** The label of each voxel, if there is a mask; not to be changed by the caller. */
  public Optional<short[]> labels() {
    return masked ? marks() : Optional.empty();
  }

  /**
   * What a voxel counts as: its label, or that it is background (-1), as far as either is known. It
   * moves with the voxels, as labels do.
   */
  Optional<short[]> marks() {
    return Optional.ofNullable(marks);
  }

  /** Tells background (-1) from all else (0) where no mask does. */
  void markBackground(short[] background) {
    if (!masked) {
      marks = background;
    }
  }

  /** What a step did that should be known. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  void note(String said) {
    notes.add(said);
  }

  /** Which voxels are not background, holes filled, once that was found out. */
  public Optional<BitSet> inside() {
    return Optional.ofNullable(inside);
  }

  void setInside(BitSet voxels) {
    inside = voxels;
  }

  /** Whether it hangs on rounding which voxels are zero. */
  boolean areZerosUncertain() {
    return zerosUncertain;
  }

  void setZerosUncertain(boolean uncertain) {
    zerosUncertain = uncertain;
  }

  /**
   * @throws PalimpsestException if it hangs on rounding which voxels are zero
   */
  void requireCertainZeros(String step) {
    if (zerosUncertain) {
      throw new PalimpsestException(
          "%s of %s asks which voxels are zero, after a resampling that put some right on zeros beside other values: there MONAI's answer hangs on rounding. Put it before Spacing."
              .formatted(step, name));
    }
  }

  /**
   * Puts all arrays on another grid. The set of voxels that are not background is left behind.
   *
   * @param voxels what becomes of a channel; who takes it holds the only reference to it
   * @param moved what becomes of the labels
   * @throws PalimpsestException if all channels do not fit into memory there
   */
  void move(
      Geometry to, Function<Supplier<float[]>, float[]> voxels, UnaryOperator<short[]> moved) {
    requireRoom(to);
    for (int i = 0; i < channels.length; i++) {
      int channel = i;
      channels[channel] = voxels.apply(() -> taken(channel));
    }
    if (marks != null) {
      marks = moved.apply(marks);
    }
    inside = null;
    geometry = to;
  }

  private void requireRoom(Geometry to) {
    long needed = (long) Float.BYTES * channels.length * to.voxels();
    long room = Runtime.getRuntime().maxMemory();
    if (needed > room) {
      throw new PalimpsestException(
          "%s would take %s MB on a grid of %s voxels, and Java may take %s MB. Take a coarser spacing or a smaller margin, or give more memory with --max-memory or java -Xmx."
              .formatted(name, needed >> 20, to.extents(), room >> 20));
    }
  }

  private float[] taken(int channel) {
    float[] voxels = channels[channel];
    channels[channel] = NONE;
    return voxels;
  }

  private static final float[] NONE = {};

  void relabel(UnaryOperator<short[]> change) {
    marks = change.apply(Objects.requireNonNull(marks));
  }

  /** The first voxel of any channel that is NaN or infinite, as channel and index, if there is. */
  Optional<int[]> firstNotFinite() {
    for (int channel = 0; channel < channels.length; channel++) {
      float[] voxels = channels[channel];
      int at =
          IntStream.range(0, voxels.length)
              .parallel()
              .filter(i -> !Float.isFinite(voxels[i]))
              .findFirst()
              .orElse(-1);
      if (at >= 0) {
        return Optional.of(new int[] {channel, at});
      }
    }
    return Optional.empty();
  }
}
