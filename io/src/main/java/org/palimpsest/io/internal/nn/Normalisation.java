package org.palimpsest.io.internal.nn;

import java.util.Arrays;
import org.palimpsest.io.internal.graph.Value;

/** The normalisations of {@code torch.nn}, in evaluation mode. */
public sealed interface Normalisation extends Layer {

  /**
   * {@code BatchNorm1d} to {@code BatchNorm3d}, by the statistics that training gathered.
   *
   * @param affine whether it has a trained scale and shift
   */
  record Batch(long channels, double eps, boolean affine) implements Normalisation {
    @Override
    public Value apply(Scope module, Value input) {
      module.passOver("num_batches_tracked");
      return module.tap(
          module.call(
              "batch_norm",
              input,
              module.parameterIf(affine, "weight", channels),
              module.parameterIf(affine, "bias", channels),
              module.buffer("running_mean", channels),
              module.buffer("running_var", channels),
              false,
              0.1,
              eps,
              false));
    }
  }

  /**
   * {@code BatchNorm1d} to {@code BatchNorm3d}, which gather statistics in training if they are
   * tracked, and otherwise go by those of the images at hand.
   */
  static Normalisation batch(long channels, double eps, boolean affine, boolean tracked) {
    return tracked ? new Batch(channels, eps, affine) : new Untracked(channels, eps, affine);
  }

  /** PyTorch refuses to take the deviation of a single value. */
  private static void requireSeveral(Scope module, Value input, boolean ofAllSamples) {
    Value flat = module.call("flatten", input, 2, -1);
    Value places = module.call("size", flat, 2);
    Value values = ofAllSamples ? module.call("mul", places, module.call("size", flat, 0)) : places;
    Value oneMoreIfSingle = module.call("add", places, module.call("floordiv", 1, values));
    String what =
        "%s normalises by mean and deviation, which needs several values for a channel; its input, flat,"
            .formatted(module.name());
    module.graph().expect(what, flat, Arrays.asList(null, null, oneMoreIfSingle));
  }

  /**
   * {@code BatchNorm1d} to {@code BatchNorm3d} without {@code track_running_stats}: by the
   * statistics of the images that are shown at once.
   *
   * @param affine whether it has a trained scale and shift
   */
  record Untracked(long channels, double eps, boolean affine) implements Normalisation {
    @Override
    public Value apply(Scope module, Value input) {
      module
          .graph()
          .noteOnce(
              "batch normalisation without track_running_stats uses the statistics of the probes"
                  + " that are shown at once");
      requireSeveral(module, input, true);
      return module.tap(
          module.call(
              "batch_norm",
              input,
              module.parameterIf(affine, "weight", channels),
              module.parameterIf(affine, "bias", channels),
              null,
              null,
              true,
              0.1,
              eps,
              false));
    }
  }

  /**
   * {@code InstanceNorm1d} to {@code InstanceNorm3d}.
   *
   * @param affine whether it has a trained scale and shift
   * @param tracked whether it uses the statistics that training gathered, instead of the image's
   */
  record Instance(long channels, double eps, boolean affine, boolean tracked)
      implements Normalisation {
    @Override
    public Value apply(Scope module, Value input) {
      module.passOver("num_batches_tracked");
      if (!tracked) {
        requireSeveral(module, input, false);
      }
      return module.tap(
          module.call(
              "instance_norm",
              input,
              module.parameterIf(affine, "weight", channels),
              module.parameterIf(affine, "bias", channels),
              tracked ? module.buffer("running_mean", channels) : null,
              tracked ? module.buffer("running_var", channels) : null,
              !tracked,
              0.1,
              eps,
              false));
    }
  }

  /**
   * {@code GroupNorm}.
   *
   * @param affine whether it has a trained scale and shift
   */
  record Group(long groups, long channels, double eps, boolean affine) implements Normalisation {
    @Override
    public Value apply(Scope module, Value input) {
      return module.tap(
          module.call(
              "group_norm",
              input,
              groups,
              module.parameterIf(affine, "weight", channels),
              module.parameterIf(affine, "bias", channels),
              eps,
              false));
    }
  }
}
