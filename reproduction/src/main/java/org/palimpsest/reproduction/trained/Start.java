package org.palimpsest.reproduction.trained;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.training.InitialState;
import org.palimpsest.reproduction.training.NetworkState;

/** What a network holds before its training, as a recipe tells it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "start")
public sealed interface Start {

  /** He's random weights. */
  record Random(long seed) implements Start {

    @Override
    public Optional<RunRecipe> source() {
      return Optional.empty();
    }

    @Override
    public InitialState from(Optional<NetworkState> trained) {
      return InitialState.he(seed);
    }
  }

  /**
   * The end of another run.
   *
   * @param run the other run
   * @param blocks which blocks are taken from it, such as {@code enc1}; the rest is random
   * @param seed decides the rest
   */
  record Transferred(RunRecipe run, List<String> blocks, long seed) implements Start {

    public Transferred {
      blocks = List.copyOf(blocks);
    }

    @Override
    public Optional<RunRecipe> source() {
      return Optional.of(run);
    }

    @Override
    public InitialState from(Optional<NetworkState> trained) {
      return InitialState.transferred(
          required(trained), path -> blocks.contains(blockOf(path)), InitialState.he(seed));
    }
  }

  /** Random weights that have the mean and variance of another run's end, kernel by kernel. */
  record Moments(RunRecipe run, long seed) implements Start {

    @Override
    public Optional<RunRecipe> source() {
      return Optional.of(run);
    }

    @Override
    public InitialState from(Optional<NetworkState> trained) {
      return InitialState.momentsOf(required(trained), seed);
    }
  }

  /**
   * Random weights but for an encoder that computes nothing: it hands the image, its bright and its
   * dark part, to the first skip connection and zeros to everything below.
   */
  record ImageAlone(long seed) implements Start {

    @Override
    public Optional<RunRecipe> source() {
      return Optional.empty();
    }

    @Override
    public InitialState from(Optional<NetworkState> trained) {
      return InitialState.imageAlone(seed);
    }
  }

  /** The run whose end it starts from, if there is one. */
  Optional<RunRecipe> source();

  /**
   * The initialisation.
   *
   * @param trained the end of {@link #source()}
   */
  InitialState from(Optional<NetworkState> trained);

  /** All of the other run's blocks. */
  static Start transferred(RunRecipe run) {
    return new Transferred(run, run.network().blocks(), 0);
  }

  /** The block that a tensor belongs to: {@code enc1} of {@code enc1.conv1.weight}. */
  static String blockOf(String path) {
    return path.substring(0, path.indexOf('.'));
  }

  private static NetworkState required(Optional<NetworkState> trained) {
    return trained.orElseThrow(
        () -> new PalimpsestException("The network to start from has not been trained yet."));
  }
}
