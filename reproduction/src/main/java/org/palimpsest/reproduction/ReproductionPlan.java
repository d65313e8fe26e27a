package org.palimpsest.reproduction;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.palimpsest.reproduction.Arm.Amount;
import org.palimpsest.reproduction.Arm.Beginning;
import org.palimpsest.reproduction.Arm.Difficulty;
import org.palimpsest.reproduction.Arm.Frozen;
import org.palimpsest.reproduction.Series.Source;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNetDesign;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;

/**
 * Which networks are trained. The page {@code docs/reproduction/plan.md} tells why, and was written
 * before they were.
 *
 * @param series what is judged apart, in the order of training
 * @param grid widths and learning rates, whose filters are held against each other; trained last
 */
public record ReproductionPlan(List<Series> series, List<Series> grid) {

  private static final Tasks PHANTOMS = new Tasks.Phantoms(List.of(64, 64));
  private static final String RELATED = "membranes";
  private static final String UNRELATED = "organs";
  private static final String TARGET = "vessels";
  private static final float RATE = 1e-3f;
  private static final float RATE_OF_FEW_STEPS = 2e-3f;
  private static final int BATCH = 12;
  private static final int FIRST_SCORE = 5;
  private static final double SCORE_SPACING = 1.25;
  private static final int PATCH = 64;

  public ReproductionPlan {
    series = List.copyOf(series);
    grid = List.copyOf(grid);
  }

  private ReproductionPlan(List<Series> series) {
    this(series, List.of());
  }

  /** All that is trained, in order. */
  public List<Series> all() {
    return Stream.concat(series.stream(), grid.stream()).toList();
  }

  /** About ten minutes on two cores: a few networks of most arms, trained for 320 steps. */
  public static ReproductionPlan quick() {
    List<Arm> arms = new ArrayList<>();
    arms.add(Arm.random(TARGET, 4));
    arms.add(transferred(1, 4));
    arms.add(shared(4));
    arms.add(transferred(2, 2));
    arms.add(transferred(3, 2));
    arms.addAll(frozenAndFloor(3));
    arms.addAll(otherCells(3));
    arms.add(longer(4));
    return new ReproductionPlan(
        List.of(
            new Series(
                "width8",
                "Width 8",
                UNetDesign.small(),
                plan(320, RATE_OF_FEW_STEPS, List.of(), List.of(280, 300)),
                PHANTOMS,
                16,
                16,
                related(3),
                arms)));
  }

  /** Seconds: networks that learn nothing, to see that all goes its way. */
  public static ReproductionPlan miniature() {
    List<Arm> arms = new ArrayList<>(byWidth(3));
    arms.add(shared(3));
    arms.addAll(otherCells(3));
    arms.add(longer(8));
    return new ReproductionPlan(
        List.of(
            new Series(
                "width2",
                "Width 2",
                UNetDesign.small().withWidth(2),
                new TrainingPlan(6, 2, RATE, List.of())
                    .scoredAt(List.of(1, 2, 4))
                    .withCosineDecay(),
                new Tasks.Phantoms(List.of(16, 16)),
                2,
                4,
                related(1),
                arms)),
        grid(List.of(2, 3), List.of(RATE, 4e-3f), new Tasks.Phantoms(List.of(16, 16)), 8));
  }

  /** Hours on two cores: what the plan's page tells. */
  public static ReproductionPlan core() {
    return new ReproductionPlan(
        List.of(
            ofPhantoms("width8", "Width 8", UNetDesign.small(), six(), coreArms()),
            ofPhantoms(
                "width16", "Width 16", UNetDesign.small().withWidth(16), related(1), byWidth(6))));
  }

  /** The core and beside it other widths, normalisation, frozen arms and learning rates. */
  public static ReproductionPlan full() {
    List<Arm> arms = new ArrayList<>(coreArms());
    arms.add(frozenDecoder(10));
    List<Series> all = new ArrayList<>();
    all.add(ofPhantoms("width8", "Width 8", UNetDesign.small(), six(), arms));
    all.add(core().series().get(1));
    UNetDesign wide = UNetDesign.small().withWidth(32);
    all.add(ofPhantoms("width32", "Width 32", wide, related(1), byWidth(6)));
    all.add(
        ofPhantoms(
            "instance-norm",
            "Width 8, instance normalisation",
            UNetDesign.small().withNormalisation(Normalisation.INSTANCE),
            related(1),
            byWidth(6)));
    return new ReproductionPlan(
        all, grid(List.of(8, 16, 32), List.of(5e-4f, RATE, 2e-3f, 4e-3f), PHANTOMS, 800));
  }

  /**
   * The same and beside it networks that learn patches of real images.
   *
   * @param sources images that sources learn
   * @param targets images that the others learn
   */
  public ReproductionPlan withImages(Path sources, Path targets) {
    String source = nameOf(sources);
    String target = nameOf(targets);
    List<Arm> arms = new ArrayList<>();
    for (Arm arm : byWidth(6)) {
      arms.add(onImages(arm, target, source, arm.name(), Amount.FEW));
    }
    arms.add(onImages(Arm.random(target, 6), target, source, "random-many", Amount.MANY));
    arms.add(onImages(transferred(1, 6), target, source, "transfer-many", Amount.MANY));
    List<Series> all = new ArrayList<>(series);
    all.add(
        new Series(
            "images",
            "Images: %s after %s".formatted(target, source),
            UNetDesign.small(),
            corePlan(RATE),
            new Tasks.Folders(sources, targets, PATCH),
            64,
            32,
            List.of(new Source(sourceName(source, 1), source)),
            arms));
    return new ReproductionPlan(all, grid);
  }

  private static Arm onImages(Arm arm, String target, String source, String name, Amount images) {
    return new Arm(
        name,
        arm.beginning(),
        arm.source().map(ignored -> sourceName(source, 1)),
        arm.frozen(),
        target,
        Difficulty.GIVEN,
        images,
        arm.seeds(),
        arm.times());
  }

  private static String nameOf(Path folder) {
    return Objects.requireNonNull(folder.toAbsolutePath().normalize().getFileName()).toString();
  }

  private static Series ofPhantoms(
      String name, String title, UNetDesign network, List<Source> sources, List<Arm> arms) {
    return new Series(name, title, network, corePlan(RATE), PHANTOMS, 64, 32, sources, arms);
  }

  /** Three networks of each width and learning rate, saved often. */
  static List<Series> grid(List<Integer> widths, List<Float> rates, Tasks tasks, int steps) {
    List<Integer> saved = TrainingPlan.spaced(steps, FIRST_SCORE, Math.sqrt(2));
    List<Series> cells = new ArrayList<>();
    for (int width : widths) {
      for (float rate : rates) {
        String plain = new BigDecimal(String.valueOf(rate)).stripTrailingZeros().toPlainString();
        cells.add(
            new Series(
                "grid/width%s-rate%s".formatted(width, plain),
                "width %s, rate %s".formatted(width, plain),
                UNetDesign.small().withWidth(width),
                new TrainingPlan(steps, BATCH, rate, saved).withCosineDecay(),
                tasks,
                64,
                32,
                List.of(),
                List.of(Arm.random(TARGET, 3))));
      }
    }
    return List.copyOf(cells);
  }

  private static TrainingPlan corePlan(float rate) {
    return plan(800, rate, List.of(50, 200), List.of(720, 760));
  }

  /** The last three scores, of which a plateau is the mean, lie where the rate is small already. */
  private static TrainingPlan plan(
      int steps, float rate, List<Integer> saved, List<Integer> lastScores) {
    List<Integer> scored = new ArrayList<>(TrainingPlan.spaced(steps, FIRST_SCORE, SCORE_SPACING));
    scored.addAll(lastScores);
    return new TrainingPlan(steps, BATCH, rate, saved).scoredAt(scored).withCosineDecay();
  }

  private static String sourceName(String task, int number) {
    return "sources/" + task + "-" + number;
  }

  private static List<Source> related(int number) {
    List<Source> sources = new ArrayList<>();
    for (int i = 1; i <= number; i++) {
      sources.add(new Source(sourceName(RELATED, i), RELATED));
    }
    return sources;
  }

  private static List<Source> six() {
    List<Source> sources = new ArrayList<>(related(5));
    sources.add(new Source(sourceName(UNRELATED, 1), UNRELATED));
    return sources;
  }

  private static List<Arm> coreArms() {
    List<Arm> arms = new ArrayList<>();
    arms.add(Arm.random(TARGET, 10));
    arms.add(transferred(1, 10));
    arms.addAll(frozenAndFloor(10));
    arms.add(shared(10));
    arms.addAll(otherCells(8));
    for (int source = 2; source <= 5; source++) {
      arms.add(transferred(source, 3));
    }
    arms.add(
        Arm.random(TARGET, 10)
            .named("transfer-organs-1")
            .beginningWith(Beginning.SOURCE, sourceName(UNRELATED, 1)));
    arms.add(
        Arm.random(TARGET, 10)
            .named("moments-of-membranes-1")
            .beginningWith(Beginning.MOMENTS, sourceName(RELATED, 1)));
    arms.add(
        Arm.random(TARGET, 10).named("frozen-encoder-filters").freezing(Frozen.ENCODER_FILTERS));
    arms.add(transferred(1, 10).named("frozen-source-encoder").freezing(Frozen.ENCODER));
    arms.add(longer(8));
    return arms;
  }

  private static List<Arm> byWidth(int seeds) {
    List<Arm> arms = new ArrayList<>(List.of(Arm.random(TARGET, seeds), transferred(1, seeds)));
    arms.addAll(frozenAndFloor(seeds));
    return arms;
  }

  private static Arm transferred(int source, int seeds) {
    return Arm.random(TARGET, seeds)
        .named("transfer-membranes-" + source)
        .beginningWith(Beginning.SOURCE, sourceName(RELATED, source));
  }

  private static Arm shared(int seeds) {
    return Arm.random(TARGET, seeds).named("random-one-start").beginningWith(Beginning.SHARED);
  }

  /** A positive control of the claim that trained filters look random. */
  private static Arm longer(int times) {
    return Arm.random(TARGET, 3).named("random-longer").longer(times);
  }

  private static Arm frozenDecoder(int seeds) {
    return Arm.random(TARGET, seeds).named("frozen-decoder").freezing(Frozen.DECODER);
  }

  private static List<Arm> frozenAndFloor(int seeds) {
    Arm random = Arm.random(TARGET, seeds).freezing(Frozen.ENCODER);
    return List.of(
        random.named("frozen-encoder"), random.named("floor").beginningWith(Beginning.IMAGE_ALONE));
  }

  /** Random and transferred networks in the cells other than hard and few. */
  private static List<Arm> otherCells(int seeds) {
    List<Arm> arms = new ArrayList<>();
    for (Difficulty difficulty : List.of(Difficulty.HARD, Difficulty.EASY)) {
      for (Amount images : Amount.values()) {
        if (difficulty == Difficulty.EASY || images == Amount.MANY) {
          String cell = "-%s-%s".formatted(difficulty.word().orElseThrow(), images.word());
          arms.add(Arm.random(TARGET, seeds).named("random" + cell).learning(difficulty, images));
          arms.add(transferred(1, seeds).named("transfer" + cell).learning(difficulty, images));
        }
      }
    }
    return arms;
  }
}
