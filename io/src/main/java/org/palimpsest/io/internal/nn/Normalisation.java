package org.palimpsest.io.internal.nn;

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
