package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;

/**
 * Brings a case to another spacing as nnU-Net's {@code resample_data_or_seg_to_shape} does.
 *
 * <p>Where one axis is coarser than others by more than a factor of three, before or after, each
 * slice across it is resized by itself, and what is along it thereafter.
 *
 * @param spacing the spacing to come to, of all three axes, or of the last two, where slices are
 *     not resampled across
 * @param images how images are resized
 * @param labels how masks are
 * @param choice which label a voxel takes where several are near
 */
public record Resampling(List<Double> spacing, Rule images, Rule labels, LabelChoice choice)
    implements VolumeStep {

  /** Which label a voxel takes, by the shares of labels in its place. */
  public enum LabelChoice {
    /**
     * The greatest share, as batchgenerators has it since 0.25.4; of equal ones that of the nearest
     * voxel, else the smallest label.
     */
    GREATEST_SHARE,
    /** One half at least, of two such the greater label, and 0 if none has: as before. */
    HALF
  }

  /**
   * How arrays are resized.
   *
   * @param order of the spline: 0, 1 or 3
   * @param orderAlong the same along the coarse axis, where that is done by itself
   * @param separate whether it is; decided by the spacing if empty
   */
  public record Rule(int order, int orderAlong, Optional<Boolean> separate) {

    private static Interpolation of(int order, String what) {
      for (Interpolation known : Interpolation.values()) {
        if (known.order() == order) {
          return known;
        }
      }
      throw new PalimpsestException(
          "%s asks for splines of order %s; orders 0, 1 and 3 are done here."
              .formatted(what, order));
    }

    Interpolation within() {
      return of(order, "The plan's resampling within slices");
    }

    Interpolation along() {
      return of(orderAlong, "The plan's resampling across slices");
    }
  }

  private static final double ANISOTROPIC = 3;

  public Resampling {
    spacing = List.copyOf(spacing);
    images.within();
    images.along();
    if (labels.within() == Interpolation.CUBIC || labels.along() != Interpolation.NEAREST) {
      throw new PalimpsestException(
          "The plan resamples masks by splines of the orders %s and, across slices, %s; 0 or 1 and then 0 are done here."
              .formatted(labels.order(), labels.orderAlong()));
    }
  }

  @Override
  public ObjectNode apply(VolumeCase volume) {
    Geometry from = volume.geometry();
    double[] now = from.spacingArray();
    double[] wanted = wanted(now);
    int[] extents = from.extentArray();
    int[] target = new int[Geometry.AXES];
    double[] factors = new double[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      double exact = Math.rint(now[axis] / wanted[axis] * extents[axis]);
      target[axis] = size(exact, volume);
      factors[axis] = (double) extents[axis] / target[axis];
    }
    requireSize(target, volume);
    ObjectNode done = VolumeStep.record("resample");
    done.set("spacing", Geometry.numbers(wanted));
    done.set("from", Geometry.numbers(extents));
    done.set("to", Geometry.numbers(target));
    Optional<Integer> coarse = coarseAxis(images.separate(), now, wanted);
    done.put("order", images.order());
    coarse.ifPresent(
        axis -> done.put("slicesAlongAxis", axis).put("orderAlongIt", images.orderAlong()));
    if (!Arrays.equals(extents, target)) {
      Geometry to =
          Geometry.of(target, wanted, from.affine().from(firstCentre(factors)).scaled(factors));
      Optional<Integer> coarseOfLabels = coarseAxis(labels.separate(), now, wanted);
      if (choice == LabelChoice.GREATEST_SHARE
          && Stream.of(coarse, coarseOfLabels).flatMap(Optional::stream).anyMatch(a -> a > 0)) {
        volume.note(
            "%s is resampled slice by slice across an axis that is not the first, which nnU-Net 2.4 did otherwise, by a fault, and no other release: arrays that a network of 2.4 was trained on differ"
                .formatted(volume.name()));
      }
      volume.move(
          to,
          voxels -> image(voxels, extents, target, coarse),
          marks -> labels(marks, extents, target, coarseOfLabels));
    }
    return done;
  }

  private double[] wanted(double[] now) {
    double[] wanted = now.clone();
    int kept = now.length - spacing.size();
    for (int axis = kept; axis < now.length; axis++) {
      wanted[axis] = spacing.get(axis - kept);
    }
    return wanted;
  }

  private static int size(double exact, VolumeCase volume) {
    if (!(exact >= 1 && exact <= Integer.MAX_VALUE)) {
      throw new PalimpsestException(
          String.format(
              Locale.ROOT,
              "%s has the spacing %s and would come to %.0f voxels along an axis. Is its spacing right?",
              volume.name(),
              volume.geometry().spacing(),
              exact));
    }
    return (int) exact;
  }

  private static void requireSize(int[] target, VolumeCase volume) {
    if ((double) target[0] * target[1] * target[2] > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "%s has the spacing %s and would become %s x %s x %s voxels, more than 2^31. Is its spacing right?"
              .formatted(
                  volume.name(), volume.geometry().spacing(), target[0], target[1], target[2]));
    }
  }

  private static double[] firstCentre(double[] factors) {
    double[] start = new double[factors.length];
    for (int axis = 0; axis < factors.length; axis++) {
      start[axis] = (factors[axis] - 1) / 2;
    }
    return start;
  }

  /** The axis that is resized by itself, if one is. */
  private static Optional<Integer> coarseAxis(
      Optional<Boolean> forced, double[] now, double[] wanted) {
    if (forced.isPresent()) {
      return forced.get() ? onlyCoarsest(now) : Optional.empty();
    }
    if (isAnisotropic(now)) {
      return onlyCoarsest(now);
    }
    return isAnisotropic(wanted) ? onlyCoarsest(wanted) : Optional.empty();
  }

  private static boolean isAnisotropic(double[] spacing) {
    double most = Math.max(spacing[0], Math.max(spacing[1], spacing[2]));
    double least = Math.min(spacing[0], Math.min(spacing[1], spacing[2]));
    return most / least > ANISOTROPIC;
  }

  private static Optional<Integer> onlyCoarsest(double[] spacing) {
    double most = Math.max(spacing[0], Math.max(spacing[1], spacing[2]));
    Optional<Integer> coarsest = Optional.empty();
    for (int axis = 0; axis < spacing.length; axis++) {
      if (most / spacing[axis] == 1) {
        if (coarsest.isPresent()) {
          return Optional.empty();
        }
        coarsest = Optional.of(axis);
      }
    }
    return coarsest;
  }

  private float[] image(
      Supplier<float[]> voxels, int[] extents, int[] target, Optional<Integer> coarse) {
    if (coarse.isEmpty()) {
      return images.within().resize(voxels, extents, target, Interpolation.Bound.WHOLE, 0);
    }
    int axis = coarse.get();
    int[] between = target.clone();
    between[axis] = extents[axis];
    Supplier<float[]> slices =
        () -> images.within().resize(voxels, extents, between, Interpolation.Bound.SLICES, axis);
    return images.along().resize(slices, between, target, Interpolation.Bound.NONE, 0);
  }

  private short[] labels(short[] marks, int[] extents, int[] target, Optional<Integer> coarse) {
    LabelResizing within = new LabelResizing(labels.within(), choice);
    if (coarse.isEmpty()) {
      return within.resize(marks, extents, target);
    }
    int[] between = target.clone();
    between[coarse.get()] = extents[coarse.get()];
    return new LabelResizing(labels.along(), choice)
        .resize(within.resize(marks, extents, between), between, target);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "resample to %s", spacing);
  }

  /**
   * Resizes masks label by label, as {@code batchgenerators} does: the share of a label in a place
   * is its indicator there by linear interpolation. With the nearest voxel alone, that one's label.
   */
  private record LabelResizing(Interpolation rule, LabelChoice choice) {

    /** Which voxels along an axis a new one lies between, how near the second, and the nearest. */
    private record Places(int[] first, double[] second, int[] nearest) {

      static Places of(int from, int to) {
        Places places = new Places(new int[to], new double[to], new int[to]);
        double scale = (double) from / to;
        for (int i = 0; i < to; i++) {
          double at = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
          places.nearest[i] = (int) Math.floor(at + 0.5);
          places.first[i] = (int) Math.floor(at);
          places.second[i] = at - places.first[i];
        }
        return places;
      }
    }

    short[] resize(short[] source, int[] extents, int[] target) {
      Places[] places = new Places[Geometry.AXES];
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        places[axis] = Places.of(extents[axis], target[axis]);
      }
      short[] resized = new short[target[0] * target[1] * target[2]];
      IntStream.range(0, target[0] * target[1])
          .parallel()
          .forEach(
              line -> {
                int a = line / target[1];
                int b = line % target[1];
                Corners corners = new Corners(source, extents, places, choice);
                for (int c = 0; c < target[2]; c++) {
                  short nearest = corners.nearest(a, b, c);
                  resized[line * target[2] + c] =
                      rule == Interpolation.NEAREST ? nearest : corners.winner(a, b, c, nearest);
                }
              });
      return resized;
    }

    /** The eight voxels around a place. */
    private static final class Corners {

      private final short[] source;
      private final int[] extents;
      private final Places[] places;
      private final LabelChoice choice;
      private final short[] labels = new short[8];
      private final double[] weights = new double[8];

      Corners(short[] source, int[] extents, Places[] places, LabelChoice choice) {
        this.source = source;
        this.extents = extents;
        this.places = places;
        this.choice = choice;
      }

      private short at(int a, int b, int c) {
        return source[(a * extents[1] + b) * extents[2] + c];
      }

      short nearest(int a, int b, int c) {
        return at(places[0].nearest[a], places[1].nearest[b], places[2].nearest[c]);
      }

      short winner(int a, int b, int c, short nearest) {
        int[] index = {a, b, c};
        for (int corner = 0; corner < labels.length; corner++) {
          int[] voxel = new int[Geometry.AXES];
          double weight = 1;
          for (int axis = 0; axis < Geometry.AXES; axis++) {
            boolean later = (corner >> (2 - axis) & 1) == 1;
            double second = places[axis].second[index[axis]];
            weight *= later ? second : 1 - second;
            int first = places[axis].first[index[axis]];
            voxel[axis] = later ? Math.min(first + 1, extents[axis] - 1) : first;
          }
          labels[corner] = at(voxel[0], voxel[1], voxel[2]);
          weights[corner] = weight;
        }
        return choice == LabelChoice.HALF ? withHalf() : winner(nearest);
      }

      private short withHalf() {
        short greatest = Short.MIN_VALUE;
        for (short label : labels) {
          greatest = label > greatest && share(label) >= 0.5 ? label : greatest;
        }
        return greatest == Short.MIN_VALUE ? 0 : greatest;
      }

      private short winner(short nearest) {
        double most = -1;
        short best = nearest;
        for (int corner = 0; corner < labels.length; corner++) {
          short label = labels[corner];
          double share = share(label);
          boolean wins =
              share > most
                  || share == most && best != nearest && (label == nearest || label < best);
          if (wins) {
            most = share;
            best = label;
          }
        }
        return best;
      }

      private double share(short label) {
        double share = 0;
        for (int corner = 0; corner < labels.length; corner++) {
          if (labels[corner] == label) {
            share += weights[corner];
          }
        }
        return share;
      }
    }
  }
}
