package org.palimpsest.similarity.internal.intervals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.FourSums;

/**
 * How many images of equal spread a layer's images are worth: (Σw)² / Σw² of their shares w of the
 * layer's sum of squares. Where few images have most of it, chance is decided by whether such
 * images happen to be shown, which the images at hand cannot tell.
 *
 * @param info of the layer
 * @param count at most that of the images
 * @param largest the image with the largest share
 * @param share its share
 * @param marks a number of each image by which copies are known: equal ones have equal numbers
 * @see "Kish 1965, Survey Sampling"
 */
@SuppressWarnings("ArrayRecordComponent") // never compared by value
public record EffectiveImages(
    Representation.Info info, double count, int largest, double share, double[] marks) {

  /**
   * Images of usual spread are worth 0.6 of their number, half of it, or a third of few features.
   */
  private static final double OF_USUAL_SPREAD = 0.3;

  private static final double LEAST_SHARE = 0.1;

  /** Of n images at which means over features that answer rarely are held. */
  private static final double OF_ROOT = 0.7;

  private static final double MOST_COPIES = 0.05;
  private static final int FEW_FEATURES = 4;

  /** Binary ones of numbers that are compared. */
  private static final int DIGITS = 30;

  private static final int EXPONENT_BITS = 12;

  /** From here on an image is named. */
  private static final double MUCH = 0.2;

  /**
   * Of a layer.
   *
   * @param weights of each image: of what the measure squares, its part
   * @param marks of each image
   */
  public static EffectiveImages of(Representation.Info info, double[] weights, double[] marks) {
    int largest = 0;
    for (int i = 0; i < weights.length; i++) {
      largest = weights[i] > weights[largest] ? i : largest;
    }
    double most = weights[largest];
    return most > 0
        ? new EffectiveImages(
            info,
            count(weights),
            largest,
            1 / Arrays.stream(weights).map(weight -> weight / most).sum(),
            marks)
        : all(info, marks);
  }

  /**
   * Sums of an image's values times weights that are the same for all images, so that different
   * images of one size have different ones.
   *
   * @param rows a row for each image or for each of its positions
   */
  static double[] marks(double[] rows, int images) {
    double[] weights = weightsOfMarks(rows.length / images);
    double[] marks = new double[images];
    for (int i = 0; i < images; i++) {
      marks[i] = FourSums.ofProducts(rows, i * weights.length, weights, 0, weights.length);
    }
    return marks;
  }

  /** The same, read image by image. */
  static double[] marks(INDArray rows, int images) {
    double[] weights = weightsOfMarks(Math.toIntExact(rows.length() / images));
    TensorReader reader = TensorReader.of(rows);
    double[] image = new double[weights.length];
    double[] marks = new double[images];
    for (int i = 0; i < images; i++) {
      reader.read((long) i * weights.length, image);
      marks[i] = FourSums.ofProducts(image, 0, weights, 0, weights.length);
    }
    return marks;
  }

  private static double[] weightsOfMarks(int count) {
    return new SplittableRandom(1).doubles(count).toArray();
  }

  /** (Σw)² / Σw², which is the number of weights if these are equal, or all zero. */
  static double count(double[] weights) {
    double most = Arrays.stream(weights).max().orElse(0);
    if (!(most > 0)) {
      return weights.length;
    }
    double sum = 0;
    double squares = 0;
    for (double weight : weights) {
      sum += weight / most;
      squares += weight / most * (weight / most);
    }
    return sum * sum / squares;
  }

  /** Of images that count alike. */
  static EffectiveImages all(Representation.Info info, double[] marks) {
    return new EffectiveImages(info, info.probeCount(), 0, 1.0 / info.probeCount(), marks);
  }

  /** How many the images must be worth, whatever the measure. */
  static double least(long units) {
    return LEAST_SHARE * units;
  }

  /**
   * How many the images must be worth for a method that needs many for each component.
   *
   * @param fewest how many of usual spread it needs
   */
  static double least(long units, long fewest) {
    return fewest > ImagesNeeded.FEWEST
        ? Math.max(least(units), OF_USUAL_SPREAD * fewest)
        : least(units);
  }

  static EffectiveImages of(CentredRows rows) {
    return of(rows.info(), rows.shares(), marks(rows.rows().values(), rows.images()));
  }

  /**
   * Why there is no interval.
   *
   * @param least how many each layer's must be worth
   */
  public static Optional<String> tooFew(EffectiveImages a, EffectiveImages b, double least) {
    return Stream.of(a, b)
        .filter(one -> one.count < least)
        .map(one -> one.reason(least))
        .findFirst()
        .or(() -> a.copies(b));
  }

  /**
   * Why there is no interval where images are the same as others in both layers. Those to which
   * neither layer answers are alike without being copies; so are many of a layer or two of one
   * unit, which has few values where it saturates.
   */
  private Optional<String> copies(EffectiveImages other) {
    if (marks.length != other.marks.length
        || info.features() + other.info.features() <= FEW_FEATURES) {
      return Optional.empty();
    }
    Map<List<Long>, Integer> groups = new HashMap<>();
    for (int i = 0; i < marks.length; i++) {
      groups.merge(List.of(rounded(marks[i]), rounded(other.marks[i])), 1, Integer::sum);
    }
    int copies = marks.length - groups.size();
    int ofLargest = groups.values().stream().mapToInt(size -> size - 1).max().orElse(0);
    return copies - ofLargest > MOST_COPIES * marks.length
        ? Optional.of(
            "Of the %s images %s are the same as others in layer '%s' and in '%s', and each would count as an image of its own. Show each once; if they are different images to which features of few values answer alike, choose layers of more values or more features."
                .formatted(marks.length, copies, info.layer(), other.info.layer()))
        : Optional.empty();
  }

  /** Without the last digits, which sums in another order change. */
  private static long rounded(double mark) {
    int exponent = Math.getExponent(mark);
    return (Math.round(Math.scalb(mark, DIGITS - exponent)) << EXPONENT_BITS) + exponent;
  }

  /**
   * Why there is no interval of a mean over features, each of which counts alike: where a feature
   * answers to few images, its part is too small by what falls with their number, while intervals
   * get shorter with the root of the number of images.
   */
  static Optional<String> tooFewOfFeatures(CentredRows a, CentredRows b) {
    return Stream.of(a, b)
        .flatMap(
            layer -> {
              double count = layer.effectiveImagesOfFeatures();
              double least = OF_ROOT * Math.sqrt(layer.images());
              return count < least
                  ? Stream.of(
                      String.format(
                          Locale.ROOT,
                          "Features of layer '%s' answer to few of the %s images each: these are worth %.1f of equal spread for the average feature, of which an interval of so many images needs %.1f. Show images to which more features answer, or more of them.",
                          layer.info().layer(),
                          layer.images(),
                          count,
                          least))
                  : Stream.empty();
            })
        .findFirst();
  }

  private String reason(double least) {
    return String.format(
        Locale.ROOT,
        "Layer '%s' answers to few of the %s images: they are worth %.1f of equal spread, of which an interval of so many images needs %.1f.%s Show more images, give all equal contrast, or leave out those that stand out.",
        info.layer(),
        info.probeCount(),
        count,
        least,
        ofLargest());
  }

  private String ofLargest() {
    return share >= MUCH
        ? String.format(
            Locale.ROOT,
            " Image %s alone has %.0f %% of its sum of squares: look at it.",
            largest,
            100 * share)
        : "";
  }
}
