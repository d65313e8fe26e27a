package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.nifti.Affine;

/**
 * The grid of a volume.
 *
 * @param extents how many voxels there are along each of the three axes of the array, the last
 *     varying fastest
 * @param spacing how far apart they are along each axis
 * @param affine where they lie
 */
public record Geometry(List<Integer> extents, List<Double> spacing, Affine affine) {

  public static final int AXES = 3;

  public Geometry {
    extents = List.copyOf(extents);
    spacing = List.copyOf(spacing);
  }

  public static Geometry of(int[] extents, double[] spacing, Affine affine) {
    return new Geometry(
        Arrays.stream(extents).boxed().toList(), Arrays.stream(spacing).boxed().toList(), affine);
  }

  public int extent(int axis) {
    return extents.get(axis);
  }

  public int[] extentArray() {
    return extents.stream().mapToInt(Integer::intValue).toArray();
  }

  public double[] spacingArray() {
    return spacing.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** How many voxels there are. */
  public int voxels() {
    return extent(0) * extent(1) * extent(2);
  }

  /** By how much a step along some axis differs from that of another, in steps; 0 of none. */
  double turnedFrom(Geometry other) {
    double most = 0;
    for (int axis = 0; axis < AXES; axis++) {
      for (int direction = 0; direction < AXES; direction++) {
        double step = affine.step(direction, axis) - other.affine.step(direction, axis);
        most = Math.max(most, Math.abs(step) / spacing.get(axis));
      }
    }
    return most;
  }

  /** How far apart the first voxels of both lie along some direction, in the shortest steps. */
  double movedFrom(Geometry other) {
    double shortest = spacing.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    return IntStream.range(0, AXES)
        .mapToDouble(direction -> affine.origin(direction) - other.affine.origin(direction))
        .map(distance -> Math.abs(distance) / shortest)
        .max()
        .orElseThrow();
  }

  /** The index of a voxel in an array of them. */
  int index(int first, int second, int third) {
    return (first * extent(1) + second) * extent(2) + third;
  }

  public ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.set("shape", numbers(extents));
    node.set("spacing", numbers(spacing));
    node.set("affine", affine.json());
    return node;
  }

  static ArrayNode numbers(Collection<? extends Number> numbers) {
    ArrayNode node = JsonNodeFactory.instance.arrayNode();
    for (Number number : numbers) {
      if (number instanceof Integer integer) {
        node.add(integer);
      } else {
        node.add(number.doubleValue());
      }
    }
    return node;
  }

  static ArrayNode numbers(int... numbers) {
    return numbers(Arrays.stream(numbers).boxed().toList());
  }

  static ArrayNode numbers(double... numbers) {
    return numbers(Arrays.stream(numbers).boxed().toList());
  }
}
