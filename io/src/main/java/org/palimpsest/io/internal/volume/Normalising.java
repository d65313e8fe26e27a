package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;

/**
 * nnU-Net's normalisations, in float32 as there.
 *
 * @param schemes one for each channel
 */
public record Normalising(List<Scheme> schemes) implements VolumeStep {

  /** How the values of a channel are changed. */
  public sealed interface Scheme {

    /** nnU-Net's name of it. */
    String name();
  }

  /**
   * {@code CTNormalization}: clipped, then the mean subtracted, then divided, all by what was found
   * over the foreground of the whole training set.
   */
  public record Ct(double lowest, double highest, double mean, double deviation) implements Scheme {

    @Override
    public String name() {
      return "CTNormalization";
    }
  }

  /**
   * {@code ZScoreNormalization}: to mean 0 and standard deviation 1 (population) of the case.
   *
   * @param within over voxels that are not background alone, all others staying as they are; what a
   *     mask labels is no background
   */
  public record ZScore(boolean within) implements Scheme {

    @Override
    public String name() {
      return "ZScoreNormalization";
    }
  }

  /** {@code RescaleTo01Normalization}: from the least and greatest value of the case. */
  public record RescaleTo01() implements Scheme {

    @Override
    public String name() {
      return "RescaleTo01Normalization";
    }
  }

  /** {@code RGBTo01Normalization}: divided by 255. */
  public record RgbTo01() implements Scheme {

    @Override
    public String name() {
      return "RGBTo01Normalization";
    }
  }

  /** {@code NoNormalization}. */
  public record Unchanged() implements Scheme {

    @Override
    public String name() {
      return "NoNormalization";
    }
  }

  private static final double SMALLEST = 1e-8;
  private static final int MOST_OF_A_BYTE = 255;

  public Normalising {
    schemes = List.copyOf(schemes);
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    ObjectNode done = VolumeStep.record("normalise");
    Optional<BitSet> foreground = foreground(volume);
    ArrayNode channels = done.putArray("channels");
    for (int channel = 0; channel < schemes.size(); channel++) {
      Scheme scheme = schemes.get(channel);
      ObjectNode changed = JsonNodeFactory.instance.objectNode().put("scheme", scheme.name());
      float[] values = volume.channel(channel);
      if (scheme instanceof Ct ct) {
        ct(values, ct, changed);
      } else if (scheme instanceof ZScore score) {
        standardise(values, score.within() ? foreground : Optional.empty(), changed);
      } else if (scheme instanceof RescaleTo01) {
        rescale(values, changed);
      } else if (scheme instanceof RgbTo01) {
        divide(values, "channel %s of %s".formatted(channel, volume.name()));
      }
      channels.add(changed);
    }
    noteLabels(volume, foreground);
    return done;
  }

  /** What nnU-Net has as {@code seg >= 0}: labels also where all channels are zero. */
  private static Optional<BitSet> foreground(VolumeCase volume) {
    return volume
        .inside()
        .map(
            inside -> {
              BitSet all = (BitSet) inside.clone();
              short[] labels = volume.labels().orElse(new short[0]);
              IntStream.range(0, labels.length).filter(i -> labels[i] > 0).forEach(all::set);
              return all;
            });
  }

  private void noteLabels(VolumeCase volume, Optional<BitSet> foreground) {
    int labelled =
        foreground.map(BitSet::cardinality).orElse(0)
            - volume.inside().map(BitSet::cardinality).orElse(0);
    if (labelled > 0 && schemes.stream().anyMatch(s -> s instanceof ZScore z && z.within())) {
      volume.note(
          "%s: %s voxels outside what is not zero are labelled, and count in its normalisation, as in nnU-Net's training; without masks, as in its prediction, they do not"
              .formatted(volume.name(), labelled));
    }
  }

  private static void ct(float[] values, Ct by, ObjectNode changed) {
    float lowest = (float) by.lowest();
    float highest = (float) by.highest();
    float mean = (float) by.mean();
    float deviation = (float) Math.max(by.deviation(), SMALLEST);
    each(values, value -> (Math.min(Math.max(value, lowest), highest) - mean) / deviation);
    changed
        .put("lowest", by.lowest())
        .put("highest", by.highest())
        .put("mean", by.mean())
        .put("deviation", by.deviation());
  }

  private static void standardise(float[] values, Optional<BitSet> within, ObjectNode changed) {
    Moments moments = Moments.of(values, within);
    float mean = (float) moments.mean();
    float deviation = (float) Math.max(moments.deviation(), SMALLEST);
    within.ifPresentOrElse(
        voxels -> voxels.stream().forEach(i -> values[i] = (values[i] - mean) / deviation),
        () -> each(values, value -> (value - mean) / deviation));
    changed
        .put("withinVoxelsThatAreNotBackground", within.isPresent())
        .put("mean", moments.mean())
        .put("deviation", moments.deviation());
  }

  private static void rescale(float[] values, ObjectNode changed) {
    float[] range = Moments.range(values, 0, values.length);
    float lowest = range[0];
    float span = Math.max(range[1] - lowest, (float) SMALLEST);
    each(values, value -> (value - lowest) / span);
    changed.put("lowest", range[0]).put("highest", range[1]);
  }

  private static void divide(float[] values, String what) {
    float[] range = Moments.range(values, 0, values.length);
    if (range[0] < 0 || range[1] > MOST_OF_A_BYTE) {
      throw new PalimpsestException(
          "%s has values from %s to %s, where the plan's RGBTo01Normalization takes 0 to 255."
              .formatted(what, range[0], range[1]));
    }
    each(values, value -> value / MOST_OF_A_BYTE);
  }

  /** A change of one number. */
  interface Change {
    float of(float value);
  }

  static void each(float[] values, Change change) {
    IntStream.range(0, values.length).parallel().forEach(i -> values[i] = change.of(values[i]));
  }
}
