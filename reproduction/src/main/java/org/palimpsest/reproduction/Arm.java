package org.palimpsest.reproduction;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.reproduction.training.UNetDesign;

/**
 * Networks that are trained alike, one per seed. Each seed draws its own training images and their
 * order; all arms of a seed share them.
 *
 * @param name of the folder of its runs
 * @param beginning what a network holds before it is trained
 * @param source the network whose weights, or whose moments, it begins with; empty if there is none
 * @param frozen what is not trained
 * @param task what is learned
 * @param difficulty how hard that is
 * @param images how many images it learns from
 * @param seeds how many networks there are
 * @param times how many times as many steps they are trained for as the plan says
 */
public record Arm(
    String name,
    Beginning beginning,
    Optional<String> source,
    Frozen frozen,
    String task,
    Difficulty difficulty,
    Amount images,
    int seeds,
    int times) {

  /** What a network holds before it is trained. */
  public enum Beginning {
    /** Random weights of its own. */
    RANDOM("random weights"),
    /** Random weights that all networks of the arm share. */
    SHARED("one random start that all share"),
    /** The weights of a source. */
    SOURCE("the weights of %s"),
    /** Random weights with the means and deviations of a source's kernels. */
    MOMENTS("random weights with the means and deviations of the kernels of %s"),
    /** Random weights below which the encoder only hands the image on. */
    IMAGE_ALONE("random weights, the encoder handing on the image alone");

    private final String words;

    Beginning(String words) {
      this.words = words;
    }
  }

  /** What keeps the values that it begins with. */
  public enum Frozen {
    NOTHING,
    ENCODER,
    /** The encoder's convolutions, while its normalisation is trained. */
    ENCODER_FILTERS,
    DECODER;

    /** The word of {@code run.json}; empty for nothing. */
    Optional<String> word() {
      return this == NOTHING
          ? Optional.empty()
          : Optional.of(name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /** The modules of a network. */
    List<String> modules(UNetDesign network) {
      return switch (this) {
        case NOTHING -> List.of();
        case ENCODER -> network.encoder();
        case ENCODER_FILTERS ->
            network.encoder().stream()
                .flatMap(block -> Stream.of(block + ".conv1", block + ".conv2"))
                .toList();
        case DECODER -> network.decoder();
      };
    }
  }

  /** How little what is sought stands out. */
  public enum Difficulty {
    EASY,
    HARD,
    /** Not chosen, as on real images. */
    GIVEN;

    /** The word of {@code run.json}. */
    Optional<String> word() {
      return this == GIVEN ? Optional.empty() : Optional.of(name().toLowerCase(Locale.ROOT));
    }
  }

  /** How many training images. */
  public enum Amount {
    FEW,
    MANY;

    /** The word of {@code run.json}. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Of networks with random weights that learn a hard task from few images. */
  static Arm random(String task, int seeds) {
    return new Arm(
        "random",
        Beginning.RANDOM,
        Optional.empty(),
        Frozen.NOTHING,
        task,
        Difficulty.HARD,
        Amount.FEW,
        seeds,
        1);
  }

  Arm named(String other) {
    return new Arm(other, beginning, source, frozen, task, difficulty, images, seeds, times);
  }

  Arm beginningWith(Beginning other, String from) {
    return new Arm(name, other, Optional.of(from), frozen, task, difficulty, images, seeds, times);
  }

  Arm beginningWith(Beginning other) {
    return new Arm(name, other, Optional.empty(), frozen, task, difficulty, images, seeds, times);
  }

  Arm freezing(Frozen part) {
    return new Arm(name, beginning, source, part, task, difficulty, images, seeds, times);
  }

  Arm learning(Difficulty other, Amount number) {
    return new Arm(name, beginning, source, frozen, task, other, number, seeds, times);
  }

  /** Trained for so many times as many steps. */
  Arm longer(int factor) {
    return new Arm(name, beginning, source, frozen, task, difficulty, images, seeds, factor);
  }

  /** As a row of a table: name, start, what is frozen, task, difficulty, images, networks. */
  List<String> row() {
    return List.of(
        name,
        beginning.words.formatted(source.orElse(""))
            + (times == 1 ? "" : ", %s times as many steps".formatted(times)),
        frozen.word().orElse("–"),
        task,
        difficulty.word().orElse("–"),
        images.word(),
        String.valueOf(seeds));
  }
}
