package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.io.internal.volume.Geometry;
import org.palimpsest.io.internal.volume.Patch;
import org.palimpsest.io.internal.volume.VolumeCase;

/**
 * Which patches of a case are samples.
 *
 * @param kind how they are chosen
 * @param overlap of neighbours in a grid, as a share of their extent
 * @param count how many of each case; if empty all of a grid, else 8
 * @param seed decides what is drawn
 * @param foregroundShare of patches that are centred on the foreground, how many are for certain
 * @param withoutBlank whether patches are left out of which every channel has one value everywhere
 */
public record PatchRule(
    Kind kind,
    double overlap,
    OptionalInt count,
    long seed,
    double foregroundShare,
    boolean withoutBlank) {

  /** How patches are chosen. */
  public enum Kind {
    /** No patch: each case is one sample, however large. */
    WHOLE,
    /** One in the middle. */
    CENTRE,
    /** Beside each other, as nnU-Net's predictor goes over a volume. */
    GRID,
    /** Drawn anywhere. */
    RANDOM,
    /** Some drawn around a voxel of the foreground, others anywhere, as in nnU-Net's training. */
    FOREGROUND
  }

  /** As nnU-Net's predictor has it. */
  public static final double USUAL_OVERLAP = 0.5;

  /** As nnU-Net's training has it. */
  public static final double USUAL_FOREGROUND_SHARE = 0.33;

  private static final int USUAL_COUNT = 8;
  static final int MOST = 1 << 20;

  public PatchRule {
    if (!(overlap >= 0 && overlap < 1)) {
      throw new PalimpsestException(
          "Patches can overlap by a share from 0 to less than 1, not %s.".formatted(overlap));
    }
    if (!(foregroundShare >= 0 && foregroundShare <= 1)) {
      throw new PalimpsestException(
          "The share of patches on the foreground is from 0 to 1, not %s."
              .formatted(foregroundShare));
    }
    if (count.isPresent() && (count.getAsInt() < 1 || count.getAsInt() > MOST)) {
      throw new PalimpsestException(
          "At least one patch of each case is needed, and at most %s, not %s."
              .formatted(MOST, count.getAsInt()));
    }
  }

  /** Each case as a whole. */
  public static PatchRule whole() {
    return of(Kind.WHOLE);
  }

  /** Patches of a kind, all else as nnU-Net has it. */
  public static PatchRule of(Kind kind) {
    return new PatchRule(
        kind, USUAL_OVERLAP, OptionalInt.empty(), 0, USUAL_FOREGROUND_SHARE, false);
  }

  int drawn() {
    return count.orElse(USUAL_COUNT);
  }

  ObjectNode json() {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("kind", kind.name().toLowerCase(Locale.ROOT))
            .put("blankLeftOut", withoutBlank);
    if (kind == Kind.GRID) {
      node.put("overlap", overlap);
    }
    if (kind == Kind.RANDOM || kind == Kind.FOREGROUND || count.isPresent()) {
      node.put("countOfEachCase", drawn()).put("seed", seed);
    }
    if (kind == Kind.FOREGROUND) {
      node.put("foregroundShare", foregroundShare);
    }
    return node;
  }

  /** For people, such as {@code 8 random patches of each case}. */
  public String describe() {
    String each = count.isPresent() || kind.ordinal() > Kind.GRID.ordinal() ? drawn() + " " : "";
    return switch (kind) {
      case WHOLE -> "whole cases";
      case CENTRE -> "patches from the centre";
      case GRID -> each + "patches of a grid overlapping by " + overlap;
      case RANDOM -> each + "patches drawn of each case, seed " + seed;
      case FOREGROUND ->
          each
              + "patches drawn of each case, %s of them on the foreground, seed %s"
                  .formatted(foregroundShare, seed);
    };
  }

  /**
   * Chooses patches of a case as nnU-Net does in training and prediction, but draws none twice as
   * long as there are others.
   */
  static final class PatchChoice {

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
        case GRID -> grid(case_, random);
        case RANDOM -> new Drawing(case_, random).anywhere(rule.drawn());
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

    /**
     * Makes sure that all patches of a case can be held.
     *
     * @throws PalimpsestException if they are too many
     */
    void requireRoom(VolumeCase volume, int channels) {
      int[] of = volume.geometry().extentArray();
      long count =
          switch (rule.kind()) {
            case WHOLE, CENTRE -> 1;
            case GRID -> Math.min(places(gridSteps(of)), rule.count().orElse(Integer.MAX_VALUE));
            case RANDOM -> (long) Math.min(rule.drawn(), places(of));
            case FOREGROUND -> rule.drawn() - anywhere() + (long) Math.min(anywhere(), places(of));
          };
      double bytes = (double) Float.BYTES * channels * extents[0] * extents[1] * extents[2];
      long room = Runtime.getRuntime().maxMemory();
      if (count > PatchRule.MOST || bytes * count > room) {
        throw new PalimpsestException(
            String.format(
                Locale.ROOT,
                "%s would become %s patches of %s, %.0f MB in all, where %s of each case are possible at most and Java may take %s MB. %s.",
                volume.name(),
                count,
                Arrays.toString(extents),
                bytes * count / (1 << 20),
                PatchRule.MOST,
                room >> 20,
                rule.kind() == PatchRule.Kind.GRID
                    ? "Take a smaller --overlap, or some of them with --count"
                    : "Take a smaller --count"));
      }
    }

    /** Of the patches that are drawn for the foreground, how many may lie anywhere. */
    private int anywhere() {
      return (int) Math.rint(rule.drawn() * (1 - rule.foregroundShare()));
    }

    /** At how many places patches can be drawn. */
    double places(int[] of) {
      double places = 1;
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        places *= highest(axis, of) - lowest(axis, of) + 1;
      }
      return places;
    }

    private static long places(int[][] steps) {
      return (long) steps[0].length * steps[1].length * steps[2].length;
    }

    private int[][] gridSteps(int[] of) {
      return new int[][] {steps(of, 0), steps(of, 1), steps(of, 2)};
    }

    private List<Patch> grid(int[] of, SplittableRandom random) {
      int[][] steps = gridSteps(of);
      long all = places(steps);
      if (rule.count().isEmpty() || all <= rule.drawn()) {
        return LongStream.range(0, all).mapToObj(i -> inGrid(steps, i)).toList();
      }
      Set<Long> chosen = new TreeSet<>();
      while (chosen.size() < rule.drawn()) {
        chosen.add(all > Integer.MAX_VALUE ? random.nextLong(all) : random.nextInt((int) all));
      }
      return chosen.stream().map(i -> inGrid(steps, i)).toList();
    }

    private Patch inGrid(int[][] steps, long nth) {
      long line = nth / steps[2].length;
      int[] start = {
        steps[0][(int) (line / steps[1].length)],
        steps[1][(int) (line % steps[1].length)],
        steps[2][(int) (nth % steps[2].length)]
      };
      return new Patch(start, extents, OptionalInt.empty());
    }

    /**
     * {@code compute_steps_for_sliding_window}, each place once where steps are shorter than a
     * voxel; across slices each of them.
     */
    private int[] steps(int[] of, int axis) {
      int padded = Math.max(of[axis], extents[axis]);
      int before = (padded - of[axis]) / 2;
      int most = padded - extents[axis];
      double wanted = Math.max(extents[axis] * (1 - rule.overlap()), extents[axis] == 1 ? 1 : 0);
      double count = Math.min(Math.ceil(most / wanted), most) + 1;
      int[] steps = new int[(int) count];
      for (int i = 0; i < count; i++) {
        steps[i] = (count == 1 ? 0 : (int) Math.rint(most / (count - 1) * i)) - before;
      }
      return steps;
    }

    private int lowest(int axis, int[] of) {
      return -((Math.max(0, extents[axis] - of[axis]) + 1) / 2);
    }

    private int highest(int axis, int[] of) {
      int missing = Math.max(0, extents[axis] - of[axis]);
      return of[axis] + missing / 2 + missing % 2 - extents[axis];
    }

    /** Patches of one case, none of them twice while others are found. */
    private final class Drawing {

      private final int[] of;
      private final SplittableRandom random;
      private final Set<List<Integer>> starts = new HashSet<>();
      private boolean exhausted;

      Drawing(int[] of, SplittableRandom random) {
        this.of = of;
        this.random = random;
      }

      /** So many, or one at each place if there are fewer. */
      List<Patch> anywhere(int count) {
        double places = places(of);
        List<Patch> patches = new ArrayList<>();
        Iterator<Patch> rest = Collections.emptyIterator();
        while (patches.size() < Math.min(count, places)) {
          Patch patch = rest.hasNext() ? rest.next() : another(this::place);
          if (!starts.add(patch.place())) { // most are taken by now, so that the rest can be listed
            rest = remaining();
            continue;
          }
          patches.add(patch);
        }
        return patches;
      }

      /** So many around voxels; some at the same places if there are fewer. */
      List<Patch> around(int count, Supplier<Patch> draw) {
        List<Patch> patches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          Patch patch = exhausted ? draw.get() : another(draw);
          exhausted |= !starts.add(patch.place());
          patches.add(patch);
        }
        return patches;
      }

      /** One that is not there yet, unless none was found in many tries. */
      private Patch another(Supplier<Patch> draw) {
        Patch patch = draw.get();
        for (int tries = 1; tries < TRIES && starts.contains(patch.place()); tries++) {
          patch = draw.get();
        }
        return patch;
      }

      private Patch place() {
        int[] start = new int[Geometry.AXES];
        for (int axis = 0; axis < Geometry.AXES; axis++) {
          start[axis] = random.nextInt(lowest(axis, of), highest(axis, of) + 1);
        }
        return new Patch(start, extents, OptionalInt.empty());
      }

      /** All places that are left, in an order that is drawn. */
      private Iterator<Patch> remaining() {
        List<Patch> left = new ArrayList<>();
        for (int first = lowest(0, of); first <= highest(0, of); first++) {
          for (int second = lowest(1, of); second <= highest(1, of); second++) {
            for (int third = lowest(2, of); third <= highest(2, of); third++) {
              Patch patch =
                  new Patch(new int[] {first, second, third}, extents, OptionalInt.empty());
              if (!starts.contains(patch.place())) {
                left.add(patch);
              }
            }
          }
        }
        Collections.shuffle(left, new Random(random.nextLong()));
        return left.iterator();
      }
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
      List<Marked> there =
          present(labels).stream().map(group -> new Marked(labels, group)).toList();
      Drawing drawing = new Drawing(volume.geometry().extentArray(), random);
      if (there.isEmpty()) {
        return drawing.anywhere(rule.drawn());
      }
      List<Patch> patches = drawing.anywhere(anywhere());
      patches.addAll(
          drawing.around(
              rule.drawn() - anywhere(),
              () -> around(volume, there.get(random.nextInt(there.size())), random)));
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
}
