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
 * nnU-Net v1's normalisations, in float32 as there. They come after the resampling, and where a
 * channel is normalised within what is not background, all else becomes 0.
 *
 * @param channels one for each channel
 */
public record NormalisingOfVersion1(List<Channel> channels) implements VolumeStep {

  /**
   * What is done to a channel.
   *
   * @param within whether background becomes 0, and does not count in what is found of the case
   */
  public record Channel(Scheme scheme, boolean within) {}

  /** How the values of a channel are changed. */
  public sealed interface Scheme {

    /** nnU-Net's name of it. */
    String name();
  }

  /** {@code CT}: clipped, then centred and divided by what was found over the training set. */
  public record Ct(double lowest, double highest, double mean, double deviation) implements Scheme {

    @Override
    public String name() {
      return "CT";
    }
  }

  /** {@code CT2}: clipped, then centred and divided by what the case has between these ends. */
  public record Ct2(double lowest, double highest) implements Scheme {

    @Override
    public String name() {
      return "CT2";
    }
  }

  /** {@code nonCT}: to mean 0 and standard deviation 1 (population) of the case. */
  public record ZScore() implements Scheme {

    @Override
    public String name() {
      return "nonCT";
    }
  }

  /** {@code noNorm}. */
  public record Unchanged() implements Scheme {

    @Override
    public String name() {
      return "noNorm";
    }
  }

  /** {@code GenericPreprocessor_scale_uint8_to_0_1}: divided by 255. */
  public record Byte01() implements Scheme {

    @Override
    public String name() {
      return "scale_uint8_to_0_1";
    }
  }

  private static final float ADDED = 1e-8f;
  private static final float MOST_OF_A_BYTE = 255;

  public NormalisingOfVersion1 {
    channels = List.copyOf(channels);
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    ObjectNode done = VolumeStep.record("normalise");
    Optional<BitSet> foreground = volume.marks().map(NormalisingOfVersion1::foreground);
    ArrayNode all = done.putArray("channels");
    for (int channel = 0; channel < channels.size(); channel++) {
      Channel by = channels.get(channel);
      ObjectNode changed =
          JsonNodeFactory.instance
              .objectNode()
              .put("scheme", by.scheme().name())
              .put("backgroundBecomesZero", by.within());
      Optional<BitSet> within = by.within() ? foreground : Optional.empty();
      String what = "Channel %s of %s".formatted(channel, volume.name());
      change(volume.channel(channel), by.scheme(), within, changed, what);
      all.add(changed);
    }
    return done;
  }

  private static BitSet foreground(short[] marks) {
    BitSet foreground = new BitSet(marks.length);
    IntStream.range(0, marks.length).filter(i -> marks[i] >= 0).forEach(foreground::set);
    return foreground;
  }

  private static void change(
      float[] values, Scheme scheme, Optional<BitSet> within, ObjectNode changed, String what) {
    if (scheme instanceof Ct ct) {
      clip(values, ct.lowest(), ct.highest(), changed);
      scale(values, (float) ct.mean(), (float) ct.deviation(), changed);
      clear(values, within);
    } else if (scheme instanceof Ct2 ct) {
      Moments moments = between(values, ct);
      if (!(moments.deviation() > 0)) {
        throw new PalimpsestException(
            "%s has no two values between %s and %s, of which nnU-Net v1's CT2 takes the deviation."
                .formatted(what, ct.lowest(), ct.highest()));
      }
      clip(values, ct.lowest(), ct.highest(), changed);
      scale(values, (float) moments.mean(), (float) moments.deviation(), changed);
      clear(values, within);
    } else if (scheme instanceof ZScore) {
      Moments moments = Moments.of(values, within);
      scale(values, (float) moments.mean(), (float) moments.deviation() + ADDED, changed);
      clear(values, within);
    } else if (scheme instanceof Byte01) {
      Normalising.each(values, value -> value / MOST_OF_A_BYTE);
    }
  }

  private static Moments between(float[] values, Ct2 by) {
    float lowest = (float) by.lowest();
    float highest = (float) by.highest();
    return Moments.of(List.of(values), value -> value > lowest && value < highest);
  }

  private static void clip(float[] values, double from, double to, ObjectNode changed) {
    float lowest = (float) from;
    float highest = (float) to;
    Normalising.each(values, value -> Math.min(Math.max(value, lowest), highest));
    changed.put("lowest", from).put("highest", to);
  }

  private static void scale(float[] values, float mean, float deviation, ObjectNode changed) {
    Normalising.each(values, value -> (value - mean) / deviation);
    changed.put("mean", mean).put("deviation", deviation);
  }

  private static void clear(float[] values, Optional<BitSet> within) {
    within.ifPresent(
        voxels -> {
          for (int i = voxels.nextClearBit(0); i < values.length; i = voxels.nextClearBit(i + 1)) {
            values[i] = 0;
          }
        });
  }
}
