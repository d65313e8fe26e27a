package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;

/**
 * MONAI's changes of values, in float32 as there.
 *
 * @param change what is done
 * @param channelWise whether each channel is looked at by itself
 */
public record MonaiIntensity(Change change, boolean channelWise) implements VolumeStep {

  /** What is done to values. */
  public sealed interface Change {

    /** MONAI's name of it. */
    String name();

    /** Whether zeros are treated in another way than numbers near them. */
    default boolean asksForZeros() {
      return false;
    }

    /**
     * Whether what was zero still is.
     *
     * @param done what is recorded of each channel
     */
    boolean keepsZeros(Iterable<JsonNode> done);

    /**
     * Does it to channels that are looked at together.
     *
     * @param first the number of the first
     */
    void apply(List<float[]> channels, int first, ObjectNode done);
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    if (change.asksForZeros()) {
      volume.requireCertainZeros(change.name());
    }
    if (channelWise && change instanceof Normalise normalise) {
      requireEach("subtrahend", normalise.subtrahend(), volume);
      requireEach("divisor", normalise.divisor(), volume);
    }
    ObjectNode done = VolumeStep.record(change.name()).put("channel_wise", channelWise);
    ArrayNode each = done.putArray("channels");
    List<float[]> all = new ArrayList<>();
    for (int channel = 0; channel < volume.channels(); channel++) {
      all.add(volume.channel(channel));
    }
    for (int channel = 0; channel < (channelWise ? all.size() : 1); channel++) {
      ObjectNode found = JsonNodeFactory.instance.objectNode();
      change.apply(channelWise ? List.of(all.get(channel)) : all, channel, found);
      each.add(found);
    }
    volume.setZerosUncertain(volume.areZerosUncertain() && change.keepsZeros(each));
    return done;
  }

  private static void requireEach(String argument, List<Double> numbers, VolumeCase volume) {
    if (!numbers.isEmpty() && numbers.size() != volume.channels()) {
      throw new PalimpsestException(
          "NormalizeIntensity has %s numbers as '%s' (%s), where %s has %s channels: it takes one for each."
              .formatted(numbers.size(), argument, numbers, volume.name(), volume.channels()));
    }
  }

  /** The range to which values from 0 to 1 are brought; they stay as they are if an end is open. */
  private record Target(float by, float plus) {

    static Target of(Optional<Double> lowest, Optional<Double> highest) {
      return lowest.isPresent() && highest.isPresent()
          ? new Target((float) (highest.get() - lowest.get()), lowest.get().floatValue())
          : new Target(1, 0);
    }

    float at(float share) {
      return share * by + plus;
    }
  }

  /**
   * {@code ScaleIntensity}: the least value becomes one, the greatest another.
   *
   * @param lowest nothing but 0 to 1 is done if this or the other is empty
   * @param factor in the place of both, values are multiplied by one more than this
   */
  public record Scale(Optional<Double> lowest, Optional<Double> highest, Optional<Double> factor)
      implements Change {

    @Override
    public String name() {
      return "ScaleIntensity";
    }

    @Override
    public boolean keepsZeros(Iterable<JsonNode> done) {
      return becomesZero(done, "least");
    }

    @Override
    public void apply(List<float[]> channels, int first, ObjectNode done) {
      if (lowest.isEmpty() && highest.isEmpty()) {
        float by = (float) (1 + factor.orElse(0.0));
        factor.ifPresent(f -> each(channels, value -> value * by));
        factor.ifPresent(f -> done.put("factor", f));
        return;
      }
      float[] range = range(channels);
      float least = range[0];
      float span = range[1] - range[0];
      done.put("least", range[0]).put("greatest", range[1]);
      if (span == 0) {
        lowest.ifPresent(to -> each(channels, value -> value * to.floatValue()));
        return;
      }
      Target target = Target.of(lowest, highest);
      each(channels, value -> target.at((value - least) / span));
      if (lowest.isPresent() && highest.isPresent()) {
        done.put("minv", lowest.get()).put("maxv", highest.get());
      }
    }
  }

  /**
   * {@code ScaleIntensityRange}: one range becomes another.
   *
   * @param clip whether values beyond are brought to its ends
   */
  public record Range(
      double from, double to, Optional<Double> lowest, Optional<Double> highest, boolean clip)
      implements Change {

    @Override
    public String name() {
      return "ScaleIntensityRange";
    }

    @Override
    public boolean keepsZeros(Iterable<JsonNode> done) {
      return becomesZero(done, "a_min");
    }

    @Override
    public void apply(List<float[]> channels, int first, ObjectNode done) {
      done.put("a_min", from).put("a_max", to).put("clip", clip);
      lowest.ifPresent(b -> done.put("b_min", b));
      highest.ifPresent(b -> done.put("b_max", b));
      float start = (float) from;
      if (to - from == 0) {
        float plus = lowest.orElse(0.0).floatValue();
        each(channels, value -> value - start + plus);
        return;
      }
      float span = (float) (to - from);
      Target target = Target.of(lowest, highest);
      float least = lowest.filter(b -> clip).orElse(Double.NEGATIVE_INFINITY).floatValue();
      float most = highest.filter(b -> clip).orElse(Double.POSITIVE_INFINITY).floatValue();
      each(channels, value -> Math.min(Math.max(target.at((value - start) / span), least), most));
    }
  }

  /**
   * {@code ScaleIntensityRangePercentiles}: the range between two percentiles becomes another.
   *
   * @param relative whether the ends are those percentiles of the other range as well
   */
  public record Percentiles(
      double lower,
      double upper,
      Optional<Double> lowest,
      Optional<Double> highest,
      boolean clip,
      boolean relative)
      implements Change {

    private static final int MOST_OF_TORCH = 1_000_000;

    @Override
    public String name() {
      return "ScaleIntensityRangePercentiles";
    }

    @Override
    public boolean keepsZeros(Iterable<JsonNode> done) {
      return becomesZero(done, "a_min");
    }

    @Override
    public void apply(List<float[]> channels, int first, ObjectNode done) {
      float[] sorted = sorted(channels);
      double from = percentile(sorted, lower);
      double to = percentile(sorted, upper);
      done.put("lower", lower).put("upper", upper).put("relative", relative);
      new Range(from, to, end(lowest, lower), end(highest, upper), clip)
          .apply(channels, first, done);
    }

    private Optional<Double> end(Optional<Double> plain, double percent) {
      return relative
          ? Optional.of(
              (highest.orElseThrow() - lowest.orElseThrow()) * percent / 100 + lowest.orElseThrow())
          : plain;
    }

    private static float[] sorted(List<float[]> channels) {
      float[] all = new float[channels.stream().mapToInt(channel -> channel.length).sum()];
      int at = 0;
      for (float[] channel : channels) {
        System.arraycopy(channel, 0, all, at, channel.length);
        at += channel.length;
      }
      Arrays.parallelSort(all);
      return all;
    }

    /** Up to a million values PyTorch finds them, with places in float32; beyond that NumPy. */
    private static double percentile(float[] sorted, double percent) {
      if (sorted.length <= MOST_OF_TORCH) {
        float place = (float) (percent / 100) * (sorted.length - 1);
        int below = (int) place;
        float part = place - below;
        float one = sorted[below];
        float other = sorted[Math.min(below + 1, sorted.length - 1)];
        return part < 0.5f ? one + part * (other - one) : other - (other - one) * (1 - part);
      }
      double place = percent / 100 * (sorted.length - 1);
      int below = (int) place;
      double one = sorted[below];
      double other = sorted[Math.min(below + 1, sorted.length - 1)];
      return (float) (one + (place - below) * (other - one));
    }
  }

  /**
   * {@code NormalizeIntensity}: a number is subtracted, and then divided by one.
   *
   * @param subtrahend per channel if channels are looked at one by one; the mean if empty
   * @param divisor likewise; the standard deviation (population) if empty
   * @param nonzero whether zeros are passed over and stay
   */
  public record Normalise(List<Double> subtrahend, List<Double> divisor, boolean nonzero)
      implements Change {

    private static final double EQUAL = 1e-6;
    private static final double EXACT_SUM = 1 << 24;

    public Normalise {
      subtrahend = List.copyOf(subtrahend);
      divisor = List.copyOf(divisor);
    }

    @Override
    public String name() {
      return "NormalizeIntensity";
    }

    @Override
    public boolean asksForZeros() {
      return nonzero;
    }

    @Override
    public boolean keepsZeros(Iterable<JsonNode> done) {
      return nonzero || becomesZero(done, "subtrahend");
    }

    @Override
    public void apply(List<float[]> channels, int first, ObjectNode done) {
      Moments moments = moments(channels);
      done.put("nonzero", nonzero);
      if (nonzero && moments.count() == 0) {
        return;
      }
      double minus = subtrahend.isEmpty() ? moments.mean() : subtrahend.get(first);
      double by = divisor.isEmpty() ? moments.deviation() : divisor.get(first);
      requireSpread(moments);
      float mean = (float) minus;
      float deviation = (float) by == 0 ? 1 : (float) by;
      each(channels, value -> nonzero && value == 0 ? value : (value - mean) / deviation);
      done.put("subtrahend", minus).put("divisor", by);
    }

    /** Of equal values that are not summed exactly MONAI's deviation is rounding alone. */
    private void requireSpread(Moments moments) {
      double mean = moments.mean();
      boolean equal = moments.deviation() <= EQUAL * Math.abs(mean);
      boolean exact = mean == Math.rint(mean) && Math.abs(mean) * moments.count() < EXACT_SUM;
      if (divisor.isEmpty() && moments.count() > 1 && equal && !exact) {
        throw new PalimpsestException(
            "NormalizeIntensity divides by the standard deviation of values that are all %s, which in MONAI is rounding alone. Give it a 'divisor', or leave the case out."
                .formatted((float) mean));
      }
    }

    private Moments moments(List<float[]> channels) {
      return Moments.of(channels, value -> !nonzero || value != 0);
    }
  }

  /** Whether zero is, in some channel, what was subtracted, or nothing was. */
  private static boolean becomesZero(Iterable<JsonNode> done, String subtracted) {
    for (JsonNode channel : done) {
      if (channel.path(subtracted).asDouble(0) == 0) {
        return true;
      }
    }
    return false;
  }

  private static void each(List<float[]> channels, Normalising.Change change) {
    channels.forEach(channel -> Normalising.each(channel, change));
  }

  private static float[] range(List<float[]> channels) {
    float[] range = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    IntStream.range(0, channels.size())
        .forEach(
            i -> {
              float[] one = Moments.range(channels.get(i), 0, channels.get(i).length);
              range[0] = Math.min(range[0], one[0]);
              range[1] = Math.max(range[1], one[1]);
            });
    return range;
  }
}
