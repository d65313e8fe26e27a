package org.palimpsest.io.image;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;

/**
 * What is done to an image before a network sees it. It must be what was done when the network was
 * trained; nothing is done unasked.
 *
 * @param channels 1 for grey (Rec. 601 luma of colours), 3 for colour; the image's own if empty
 * @param height the height to which it is resized; its own if empty
 * @param width the same for the width
 * @param normalisation how numbers are scaled
 * @param mean per channel, subtracted after that; none if empty
 * @param deviation per channel, divided by after that; none if empty
 */
public record Preprocessing(
    OptionalInt channels,
    OptionalInt height,
    OptionalInt width,
    Normalisation normalisation,
    List<Double> mean,
    List<Double> deviation) {

  /** How an image's numbers are scaled. */
  public enum Normalisation {
    /** Not at all: 8-bit images keep 0 to 255. */
    NONE,
    /** By the greatest value of the image's type: 255 for 8 bits, 65535 for 16 bits. */
    UNIT,
    /** To mean 0 and standard deviation 1 of each image (population, over all its channels). */
    STANDARDISE
  }

  private static final int MOST_PIXELS = 32768;

  public Preprocessing {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (channels.isPresent() && channels.getAsInt() != 1 && channels.getAsInt() != 3) {
      throw new PalimpsestException(
          "Images can have 1 channel (grey) or 3 (colour), not " + channels.getAsInt() + ".");
    }
    if (height.isPresent() != width.isPresent()
        || height.orElse(1) < 1
        || width.orElse(1) < 1
        || height.orElse(1) > MOST_PIXELS
        || width.orElse(1) > MOST_PIXELS) {
      throw new PalimpsestException(
          "An image can be resized to a height and a width of 1 to 32768 pixels, both given.");
    }
    if (mean.isEmpty() != deviation.isEmpty()) {
      throw new PalimpsestException(
          "A mean and a standard deviation go together, and only %s. Give both: a mean of 0 or a deviation of 1 changes nothing."
              .formatted(
                  deviation.isEmpty()
                      ? "the mean " + mean + " is given"
                      : "the deviation " + deviation + " is given"));
    }
    if (!mean.stream().allMatch(Double::isFinite)
        || !deviation.stream().allMatch(d -> d > 0 && Double.isFinite(d))
        || mean.size() != deviation.size()) {
      throw new PalimpsestException(
          "A finite mean and a positive standard deviation are needed for each channel, not %s and %s."
              .formatted(mean, deviation));
    }
  }

  /** Values as they are in the file, at their size, with their channels. */
  public static Preprocessing none() {
    return new Preprocessing(
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Normalisation.NONE,
        List.of(),
        List.of());
  }

  /**
   * As grey (1) or colour (3), whatever the file holds.
   *
   * @param count 1 or 3
   * @throws PalimpsestException if it is another
   */
  public Preprocessing withChannels(int count) {
    return new Preprocessing(OptionalInt.of(count), height, width, normalisation, mean, deviation);
  }

  /**
   * Resizes, by bilinear interpolation, or area averages where it becomes smaller.
   *
   * @param newHeight from 1 to 32768
   * @param newWidth from 1 to 32768
   * @throws PalimpsestException if one is not
   */
  public Preprocessing withSize(int newHeight, int newWidth) {
    return new Preprocessing(
        channels,
        OptionalInt.of(newHeight),
        OptionalInt.of(newWidth),
        normalisation,
        mean,
        deviation);
  }

  /** With numbers scaled in this way. */
  public Preprocessing with(Normalisation scaling) {
    return new Preprocessing(channels, height, width, scaling, mean, deviation);
  }

  /**
   * Subtracts a mean and divides by a standard deviation, after the normalisation.
   *
   * @param means one for all channels, or one for each; finite
   * @param deviations as many; above 0
   * @throws PalimpsestException if they are not
   */
  public Preprocessing withMeanAndDeviation(List<Double> means, List<Double> deviations) {
    return new Preprocessing(channels, height, width, normalisation, means, deviations);
  }

  /** For people and for the record, such as {@code grey, 128x128, unit}. */
  public String describe() {
    List<String> parts = new ArrayList<>();
    channels.ifPresent(count -> parts.add(count == 1 ? "grey" : "colour"));
    height.ifPresent(h -> parts.add(h + "x" + width.orElse(h)));
    parts.add(normalisation.name().toLowerCase(Locale.ROOT));
    if (!mean.isEmpty()) {
      parts.add("mean " + mean + ", deviation " + deviation);
    }
    return String.join(", ", parts);
  }

  /** The factor that a channel's value is divided by at the end, and what is subtracted before. */
  Optional<double[]> shiftAndScale(int channel, int channelCount) {
    if (mean.isEmpty()) {
      return Optional.empty();
    }
    if (mean.size() != 1 && mean.size() != channelCount) {
      throw new PalimpsestException(
          "%s means are given for images of %s channels.".formatted(mean.size(), channelCount));
    }
    int at = mean.size() == 1 ? 0 : channel;
    return Optional.of(new double[] {mean.get(at), deviation.get(at)});
  }
}
