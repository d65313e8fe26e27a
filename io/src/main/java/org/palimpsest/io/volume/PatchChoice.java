package org.palimpsest.io.volume;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.RandomStreams;

/**
 * Chooses patches of a case as nnU-Net does in training and prediction, but draws none twice as
 * long as there are others.
 */
final class PatchChoice {

  private static final int TRIES = 100;

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
      case RANDOM -> drawn(volume, rule.drawn(), random, new HashSet<>());
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

  private List<Patch> drawn(
      VolumeCase volume, int count, SplittableRandom random, Set<List<Integer>> starts) {
    int[] of = volume.geometry().extentArray();
    List<Patch> patches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      patches.add(another(() -> anywhere(of, random), starts));
    }
    return patches;
  }

  /** One that is not there yet, unless none was found in many tries. */
  private static Patch another(Supplier<Patch> draw, Set<List<Integer>> starts) {
    Patch patch = draw.get();
    for (int tries = 1; tries < TRIES && starts.contains(patch.place()); tries++) {
      patch = draw.get();
    }
    starts.add(patch.place());
    return patch;
  }

  private Patch anywhere(int[] of, SplittableRandom random) {
    int[] start = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      int missing = Math.max(0, extents[axis] - of[axis]);
      int highest = of[axis] + missing / 2 + missing % 2 - extents[axis];
      start[axis] = random.nextInt(lowest(axis, of), highest + 1);
    }
    return new Patch(start, extents, OptionalInt.empty());
  }

  private List<Patch> foreground(VolumeCase volume, SplittableRandom random) {
    short[] labels =
        volume
            .labels()
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        volume.name()
                            + " has no mask, and patches on its foreground are asked for: give"
                            + " --masks."));
    int anywhere = (int) Math.rint(rule.drawn() * (1 - rule.foregroundShare()));
    List<Marked> there = present(labels).stream().map(group -> new Marked(labels, group)).toList();
    Set<List<Integer>> starts = new HashSet<>();
    if (there.isEmpty()) {
      return drawn(volume, rule.drawn(), random, starts);
    }
    List<Patch> patches = drawn(volume, anywhere, random, starts);
    for (int i = anywhere; i < rule.drawn(); i++) {
      patches.add(
          another(() -> around(volume, there.get(random.nextInt(there.size())), random), starts));
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

  private Patch around(VolumeCase volume, Marked group, SplittableRandom random) {
    int voxel = group.voxel(random.nextInt(group.count));
    Geometry grid = volume.geometry();
    int line = voxel / grid.extent(2);
    int[] place = {line / grid.extent(1), line % grid.extent(1), voxel % grid.extent(2)};
    int[] start = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      start[axis] = Math.max(lowest(axis, grid.extentArray()), place[axis] - extents[axis] / 2);
    }
    return new Patch(start, extents, OptionalInt.of(group.labels[voxel]));
  }

  /** The voxels of a group of labels; where they lie is noted if they are not many. */
  private static final class Marked {

    private static final int MANY = 1 << 20;

    private final short[] labels;
    private final boolean[] wanted = new boolean[Short.MAX_VALUE + 1];
    private final int count;
    private final int[] places;

    Marked(short[] labels, Set<Integer> group) {
      this.labels = labels;
      group.stream()
          .filter(label -> label > 0 && label < wanted.length)
          .forEach(label -> wanted[label] = true);
      this.count = (int) all().count();
      this.places = count > MANY ? new int[0] : all().toArray();
    }

    private IntStream all() {
      return IntStream.range(0, labels.length).filter(i -> labels[i] > 0 && wanted[labels[i]]);
    }

    int voxel(int nth) {
      return count > MANY ? all().skip(nth).findFirst().orElseThrow() : places[nth];
    }
  }
}
