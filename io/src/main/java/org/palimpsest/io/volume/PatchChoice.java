package org.palimpsest.io.volume;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.RandomStreams;

/** Chooses patches of a case as nnU-Net does in training and prediction. */
final class PatchChoice {

  private final PatchRule rule;
  private final int[] extents;
  private final List<Set<Integer>> groups;

  /**
   * @param extents of the patches, of three axes
   * @param groups labels on which patches are centred; each by itself if empty
   */
  PatchChoice(PatchRule rule, int[] extents, List<Set<Integer>> groups) {
    this.rule = rule;
    this.extents = extents;
    this.groups = groups;
  }

  /**
   * The patches of a case.
   *
   * @param index the number of the case, which with the seed decides what is drawn
   */
  List<Patch> of(VolumeCase volume, int index) {
    int[] case_ = volume.geometry().extentArray();
    SplittableRandom random = RandomStreams.of(rule.seed(), index);
    return switch (rule.kind()) {
      case WHOLE -> List.of(new Patch(new int[Geometry.AXES], case_, OptionalInt.empty()));
      case CENTRE -> List.of(new Patch(centre(case_), extents, OptionalInt.empty()));
      case GRID -> some(grid(case_), random);
      case RANDOM -> drawn(volume, rule.drawn(), random);
      case FOREGROUND -> foreground(volume, random);
    };
  }

  private int[] centre(int[] of) {
    int[] start = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      start[axis] = (of[axis] - extents[axis]) / 2; // towards zero, so that less is put before
    }
    return start;
  }

  private List<Patch> grid(int[] of) {
    List<Patch> patches = new ArrayList<>();
    for (int first : steps(of, 0)) {
      for (int second : steps(of, 1)) {
        for (int third : steps(of, 2)) {
          patches.add(new Patch(new int[] {first, second, third}, extents, OptionalInt.empty()));
        }
      }
    }
    return patches;
  }

  /** {@code compute_steps_for_sliding_window}; across slices each of them. */
  private int[] steps(int[] of, int axis) {
    int padded = Math.max(of[axis], extents[axis]);
    int before = (padded - of[axis]) / 2;
    int most = padded - extents[axis];
    double wanted = Math.max(extents[axis] * (1 - rule.overlap()), extents[axis] == 1 ? 1 : 0);
    int count = (int) Math.ceil(most / wanted) + 1;
    int[] steps = new int[count];
    for (int i = 0; i < count; i++) {
      steps[i] = (count == 1 ? 0 : (int) Math.rint((double) most / (count - 1) * i)) - before;
    }
    return steps;
  }

  private List<Patch> some(List<Patch> all, SplittableRandom random) {
    if (rule.count().isEmpty() || all.size() <= rule.drawn()) {
      return all;
    }
    Set<Integer> chosen = new TreeSet<>();
    while (chosen.size() < rule.drawn()) {
      chosen.add(random.nextInt(all.size()));
    }
    return chosen.stream().map(all::get).toList();
  }

  private int lowest(int axis, int[] of) {
    return -((Math.max(0, extents[axis] - of[axis]) + 1) / 2);
  }

  private List<Patch> drawn(VolumeCase volume, int count, SplittableRandom random) {
    int[] of = volume.geometry().extentArray();
    List<Patch> patches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] start = new int[Geometry.AXES];
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        int missing = Math.max(0, extents[axis] - of[axis]);
        int highest = of[axis] + missing / 2 + missing % 2 - extents[axis];
        start[axis] = random.nextInt(lowest(axis, of), highest + 1);
      }
      patches.add(new Patch(start, extents, OptionalInt.empty()));
    }
    return patches;
  }

  private List<Patch> foreground(VolumeCase volume, SplittableRandom random) {
    short[] labels =
        volume
            .labels()
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        volume.name()
                            + " has no mask, and patches on its foreground are asked for: give --masks."));
    int anywhere = (int) Math.rint(rule.drawn() * (1 - rule.foregroundShare()));
    List<Set<Integer>> there = present(labels);
    if (there.isEmpty()) {
      return drawn(volume, rule.drawn(), random);
    }
    List<Patch> patches = drawn(volume, anywhere, random);
    for (int i = anywhere; i < rule.drawn(); i++) {
      patches.add(around(volume, labels, there.get(random.nextInt(there.size())), random));
    }
    return patches;
  }

  private List<Set<Integer>> present(short[] labels) {
    boolean[] seen = new boolean[Short.MAX_VALUE + 1];
    for (short label : labels) {
      seen[Math.max(0, label)] = true;
    }
    List<Set<Integer>> wanted = new ArrayList<>(groups);
    for (int label = 1; groups.isEmpty() && label < seen.length; label++) {
      wanted.add(Set.of(label));
    }
    wanted.removeIf(
        group ->
            group.stream().noneMatch(label -> label > 0 && label < seen.length && seen[label]));
    return wanted;
  }

  /** Whether a mask holds anything that patches can be centred on. */
  boolean hasForeground(VolumeCase volume) {
    return volume.labels().map(labels -> !present(labels).isEmpty()).orElse(false);
  }

  private Patch around(
      VolumeCase volume, short[] labels, Set<Integer> group, SplittableRandom random) {
    int voxel = voxel(labels, group, random).orElseThrow();
    Geometry grid = volume.geometry();
    int line = voxel / grid.extent(2);
    int[] place = {line / grid.extent(1), line % grid.extent(1), voxel % grid.extent(2)};
    int[] start = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      start[axis] = Math.max(lowest(axis, grid.extentArray()), place[axis] - extents[axis] / 2);
    }
    return new Patch(start, extents, OptionalInt.of(labels[voxel]));
  }

  private static Optional<Integer> voxel(
      short[] labels, Set<Integer> group, SplittableRandom random) {
    boolean[] wanted = new boolean[Short.MAX_VALUE + 1];
    group.stream()
        .filter(label -> label > 0 && label < wanted.length)
        .forEach(label -> wanted[label] = true);
    int count = 0;
    for (short label : labels) {
      count += wanted[Math.max(0, label)] && label >= 0 ? 1 : 0;
    }
    int nth = random.nextInt(count);
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] >= 0 && wanted[labels[i]] && nth-- == 0) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}
