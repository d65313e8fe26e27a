package org.palimpsest.core.measure;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/**
 * What a measure promises: its direction, the range of its values, what it ignores and what it
 * notices. Every score carries direction and range on, so that tables, pictures and interval
 * estimates need not know the measure. One contract suite holds every measure of this library to
 * its promises.
 *
 * <p>Immutable; made by a builder that begins with what every measure must say:
 *
 * <pre>{@code
 * MeasureProperties properties =
 *     MeasureProperties.similarity("The mean cosine of rows.")
 *         .range(new Range(-1, 1))
 *         .ignores(Transformation.ISOTROPIC_SCALING, Transformation.SAMPLE_REORDERING_IN_BOTH)
 *         .cost("preparation none, comparison O(n p)")
 *         .build();
 * }</pre>
 */
public final class MeasureProperties {

  private final String description;
  private final Direction direction;
  private final Range range;
  private final boolean symmetric;
  private final Set<Transformation> ignores;
  private final Set<Transformation> notices;
  private final String source;
  private final String cost;

  private MeasureProperties(Builder builder) {
    this.description = builder.description;
    this.direction = builder.direction;
    this.range = builder.range;
    this.symmetric = builder.symmetric;
    this.ignores = builder.ignores;
    this.notices = builder.notices;
    this.source = builder.source;
    this.cost = builder.cost;
  }

  /**
   * Begins the properties of a measure whose larger values mean more alike. Unless said otherwise
   * its range is [0, 1], it is symmetric, and it promises nothing of transformations.
   *
   * @param description one sentence: what it is
   */
  public static Builder similarity(String description) {
    return of(Direction.SIMILARITY, description);
  }

  /**
   * Begins the properties of a measure whose larger values mean less alike. Unless said otherwise
   * its range is [0, ∞), it is symmetric, and it promises nothing of transformations.
   *
   * @param description one sentence: what it is
   */
  public static Builder distance(String description) {
    return of(Direction.DISTANCE, description);
  }

  /**
   * As {@link #similarity} or {@link #distance}, whichever the direction says.
   *
   * @param direction whether larger values mean more alike
   * @param description one sentence: what it is
   */
  public static Builder of(Direction direction, String description) {
    return new Builder(direction, description);
  }

  /** One sentence: what the measure is. */
  public String description() {
    return description;
  }

  /** Whether larger values mean more alike. */
  public Direction direction() {
    return direction;
  }

  /** The values that the measure can take. */
  public Range range() {
    return range;
  }

  /** Whether swapping the two representations leaves the value as it is. */
  public boolean symmetric() {
    return symmetric;
  }

  /** What can be done to one representation without changing the value. */
  public Set<Transformation> ignores() {
    return ignores;
  }

  /** What changes the value of generic representations. */
  public Set<Transformation> notices() {
    return notices;
  }

  /** Where the measure is defined, such as authors and year; empty if nothing was said. */
  public String source() {
    return source;
  }

  /** What a preparation and a comparison take, in n samples and p features; may be empty. */
  public String cost() {
    return cost;
  }

  @Override
  public String toString() {
    return "%s (%s in %s)".formatted(description, direction, range);
  }

  /** Collects the properties of one measure. For one thread. */
  public static final class Builder {

    private final String description;
    private final Direction direction;
    private Range range;
    private boolean symmetric = true;
    private Set<Transformation> ignores = Set.of();
    private Set<Transformation> notices = Set.of();
    private String source = "";
    private String cost = "";

    private Builder(Direction direction, String description) {
      this.direction = direction;
      this.description = description;
      this.range = direction == Direction.SIMILARITY ? Range.UNIT : Range.NON_NEGATIVE;
    }

    /** Sets the values that the measure can take. */
    public Builder range(Range possible) {
      range = possible;
      return this;
    }

    /** Says that swapping the two representations may change the value. */
    public Builder asymmetric() {
      symmetric = false;
      return this;
    }

    /** Sets what can be done to one representation without changing the value. */
    public Builder ignores(Transformation... transformations) {
      return ignores(Arrays.asList(transformations));
    }

    /** Sets what can be done to one representation without changing the value. */
    public Builder ignores(Collection<Transformation> transformations) {
      ignores = Set.copyOf(transformations);
      return this;
    }

    /** Sets what is ignored to all transformations that are not among these. */
    public Builder ignoresAllBut(Collection<Transformation> transformations) {
      Set<Transformation> others = EnumSet.allOf(Transformation.class);
      others.removeAll(transformations);
      return ignores(others);
    }

    /** Sets what changes the value of generic representations. */
    public Builder notices(Transformation... transformations) {
      return notices(Arrays.asList(transformations));
    }

    /** Sets what changes the value of generic representations. */
    public Builder notices(Collection<Transformation> transformations) {
      notices = Set.copyOf(transformations);
      return this;
    }

    /** Says that these change the value of generic representations, and that no others do. */
    public Builder noticesOnly(Collection<Transformation> transformations) {
      return notices(transformations).ignoresAllBut(transformations);
    }

    /** Sets where the measure is defined. */
    public Builder source(String publication) {
      source = publication;
      return this;
    }

    /** Sets what a preparation and a comparison take, in n samples and p features. */
    public Builder cost(String orders) {
      cost = orders;
      return this;
    }

    /**
     * The properties.
     *
     * @throws PalimpsestException if a transformation is ignored and noticed at once
     */
    public MeasureProperties build() {
      if (ignores.stream().anyMatch(notices::contains)) {
        throw new PalimpsestException(
            "A measure cannot ignore and notice a transformation at once: %s and %s."
                .formatted(ignores, notices));
      }
      return new MeasureProperties(this);
    }
  }

  /**
   * Whether a larger value of a measure means that two layers are more alike, or less.
   *
   * <p>Tables, pictures and the search for a layer in another network ({@link
   * org.palimpsest.core.comparison.SimilarityMatrix#identification}) read values by it, so that
   * nothing has to know measures by name. It says nothing of the scale: a distance of 0.2 by one
   * measure and of 0.2 by another are different things.
   */
  public enum Direction {
    /** Larger values mean more alike; equal layers have the greatest value, 1 for nearly all. */
    SIMILARITY,
    /** Larger values mean less alike; equal layers have the value 0. */
    DISTANCE
  }

  /**
   * What can be done to one of two representations (or, where it says so, to both), by which
   * measures are told apart: each {@linkplain MeasureProperties#ignores ignores} some of these and
   * {@linkplain MeasureProperties#notices notices} others.
   *
   * <p>X is n × p: rows are samples, columns are features. Which of these a comparison ought to
   * ignore is a question about networks. The order of a layer's channels is arbitrary, so that
   * hardly anyone wants {@link #FEATURE_PERMUTATION} noticed; a layer that follows undoes any
   * {@link #INVERTIBLE_LINEAR_MAP}, but a measure that ignores these finds all layers alike once
   * there are as many features as samples (Kornblith et al. 2019, theorem 1).
   *
   * @see <a href="https://arxiv.org/abs/1905.00414">Kornblith et al. 2019, section 2</a>
   */
  public enum Transformation {
    /**
     * X Q with an orthogonal Q (p × p): features are rotated or reflected, distances and angles
     * between samples stay.
     */
    ROTATION("rotation"),
    /** X P with a permutation matrix P: the features change places. */
    FEATURE_PERMUTATION("feature permutation"),
    /** c X with one number c &gt; 0 for all features, such as other units. */
    ISOTROPIC_SCALING("isotropic scaling"),
    /** X + 1 v': a constant is added to each feature, another one to each. */
    TRANSLATION("translation"),
    /** X A with an invertible A (p × p), of which rotations and scalings are special cases. */
    INVERTIBLE_LINEAR_MAP("invertible linear map"),
    /** [X 0]: features that are always zero are added. */
    ZERO_PADDING("zero padding"),
    /**
     * P X and P Y with one permutation matrix P (n × n): the samples of both change places in the
     * same way.
     */
    SAMPLE_REORDERING_IN_BOTH("sample reordering in both"),
    /**
     * P X and Y: the samples of one alone change places, so that rows no longer belong together. A
     * measure that does not notice it looks at each layer by itself.
     */
    SAMPLE_REORDERING_IN_ONE("sample reordering in one");

    private final String label;

    Transformation(String label) {
      this.label = label;
    }

    /** Its name in the field's words. */
    public String label() {
      return label;
    }
  }

  /**
   * The values that a measure can take, ends included; an infinite end is never reached.
   *
   * <p>It is what the definition of a measure allows, not what layers of a given size can reach: a
   * value near an end may be out of reach for any two of them. Measures that estimate without bias,
   * such as debiased linear CKA, have values outside it by chance and are not cut; {@link
   * #contains} then tells.
   *
   * @param low the least value, or −∞
   * @param high the greatest value, or ∞; at least {@code low}
   */
  public record Range(double low, double high) {

    /** Integers above it are shortened. */
    private static final double LONGEST = 1e15;

    /** From 0 to 1: most similarities. */
    public static final Range UNIT = new Range(0, 1);

    /** From 0 up: most distances. */
    public static final Range NON_NEGATIVE = new Range(0, Double.POSITIVE_INFINITY);

    /**
     * @throws PalimpsestException if an end is no number, or the ends are out of order
     */
    public Range {
      if (!(low <= high)) {
        throw new PalimpsestException(
            "A range has a least and a greatest value, in this order; given were %s and %s."
                .formatted(low, high));
      }
    }

    /**
     * Whether the value lies in the range.
     *
     * @param value the value; NaN lies in no range
     * @param tolerance by how much it may lie outside, for rounding; at least 0
     */
    public boolean contains(double value, double tolerance) {
      return value >= low - tolerance && value <= high + tolerance;
    }

    @Override
    public String toString() {
      return (Double.isInfinite(low) ? "(-inf" : "[" + plain(low))
          + ", "
          + (Double.isInfinite(high) ? "inf)" : plain(high) + "]");
    }

    private static String plain(double end) {
      return end == Math.rint(end) && Math.abs(end) < LONGEST
          ? String.valueOf((long) end)
          : String.format(Locale.ROOT, "%.4g", end);
    }
  }
}
