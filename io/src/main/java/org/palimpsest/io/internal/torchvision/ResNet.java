package org.palimpsest.io.internal.torchvision;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.ActivationFunctions;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Normalisation;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/**
 * The layers of {@code torchvision.models.ResNet} before its classifier: a stem and four stages.
 *
 * @param bottleneck whether a block has three convolutions, of which the second is the wide one
 * @param groups of the second convolution of a bottleneck
 * @param width of one of these groups in the first stage
 */
public record ResNet(boolean bottleneck, List<Stage> stages, long groups, long width) {

  /** The channels of the stem. */
  public static final long STEM = 64;

  private static final int AXES = 2;

  /**
   * A stage.
   *
   * @param stride of its first block
   * @param firstDilation of its first block
   * @param dilation of all others
   */
  public record Stage(long blocks, long stride, long firstDilation, long dilation) {}

  public ResNet {
    stages = List.copyOf(stages);
  }

  /**
   * One of the usual depths.
   *
   * @param depth 18, 34, 50, 101 or 152
   */
  public static ResNet of(int depth, long groups, long width) {
    List<Long> blocks =
        switch (depth) {
          case 18 -> List.of(2L, 2L, 2L, 2L);
          case 34, 50 -> List.of(3L, 4L, 6L, 3L);
          case 101 -> List.of(3L, 4L, 23L, 3L);
          case 152 -> List.of(3L, 8L, 36L, 3L);
          default -> throw new IllegalArgumentException("no depth of a ResNet: " + depth);
        };
    List<Stage> stages = new ArrayList<>();
    for (long count : blocks) {
      stages.add(new Stage(count, stages.isEmpty() ? 1 : 2, 1, 1));
    }
    return new ResNet(depth >= 50, stages, groups, width);
  }

  /**
   * The same with dilation instead of stride in some stages, as PyTorch's {@code
   * replace_stride_with_dilation} has it: the first block of a stage without stride keeps the
   * dilation of the stage before.
   *
   * @param replaced whether the second, third and fourth stage lose their stride
   */
  ResNet dilated(List<Boolean> replaced) {
    List<Stage> changed = new ArrayList<>(List.of(stages.get(0)));
    long dilation = 1;
    for (int i = 1; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      long before = dilation;
      boolean dilated = replaced.get(i - 1);
      dilation = dilated ? dilation * stage.stride() : dilation;
      long stride = dilated ? 1 : stage.stride();
      changed.add(new Stage(stage.blocks(), stride, before, dilation));
    }
    return new ResNet(bottleneck, changed, groups, width);
  }

  /** The channels that a stage gives, from 1 to 4. */
  public long channels(int stage) {
    return planes(stage) * (bottleneck ? 4 : 1);
  }

  private static long planes(int stage) {
    return STEM << (stage - 1);
  }

  /** The first convolution, with its normalisation and activation. */
  public Value stem(Scope network, Value images, long inputs) {
    Layer convolution =
        Convolution.of(AXES, inputs, STEM, 7).withStride(2).withPadding(3).withBias(false);
    Value value = convolution.apply(network.child("conv1"), images);
    value = batchNorm(STEM).apply(network.child("bn1"), value);
    return ActivationFunctions.relu().apply(network.child("relu"), value);
  }

  /** A stage, from 1 to 4; pooling comes before the first. */
  public Value stage(Scope network, Value input, int stage) {
    Value value = input;
    if (stage == 1) {
      List<Long> kernel = List.of(3L, 3L);
      List<Long> ones = List.of(1L, 1L);
      Layer pooling = Pooling.max(kernel, List.of(2L, 2L), ones);
      value = pooling.apply(network.child("maxpool"), value);
    }
    Stage settings = stages.get(stage - 1);
    long in = stage == 1 ? STEM : channels(stage - 1);
    List<Layer> blocks = new ArrayList<>();
    blocks.add(new Block(in, stage, settings.stride(), settings.firstDilation()));
    Layer further = new Block(channels(stage), stage, 1, settings.dilation());
    blocks.addAll(Collections.nCopies((int) settings.blocks() - 1, further));
    return Layer.sequence(blocks.toArray(Layer[]::new)).apply(network.child(name(stage)), value);
  }

  /** The module of a stage, from 1 to 4. */
  public static String name(int stage) {
    return "layer" + stage;
  }

  static Layer batchNorm(long channels) {
    return new Normalisation.Batch(channels, 1e-5, true);
  }

  private final class Block implements Layer {

    private final List<Convolution> convolutions;
    private final boolean projected;
    private final long in;
    private final long out;
    private final long stride;

    Block(long in, int stage, long stride, long dilation) {
      this.in = in;
      this.out = channels(stage);
      this.stride = stride;
      projected = stride != 1 || in != out;
      long planes = planes(stage);
      if (bottleneck) {
        long inner = planes * width / STEM * groups;
        convolutions =
            List.of(
                pointwise(in, inner, 1),
                wide(inner, inner, stride, dilation).withGroups(groups),
                pointwise(inner, out, 1));
      } else {
        convolutions = List.of(wide(in, out, stride, dilation), wide(out, out, 1, dilation));
      }
    }

    @Override
    public Value apply(Scope module, Value input) {
      Value value = input;
      for (int i = 0; i < convolutions.size(); i++) {
        value = i == 0 ? value : ActivationFunctions.relu().apply(module.child("relu"), value);
        Convolution convolution = convolutions.get(i);
        value = convolution.apply(module.child("conv" + (i + 1)), value);
        value = batchNorm(convolution.out()).apply(module.child("bn" + (i + 1)), value);
      }
      Value skip = input;
      if (projected) {
        Layer projection = Layer.sequence(pointwise(in, out, stride), batchNorm(out));
        skip = projection.apply(module.child("downsample"), input);
      }
      Value sum = module.call("add", value, skip);
      return module.tap(ActivationFunctions.relu().apply(module.child("relu"), sum));
    }

    private static Convolution pointwise(long in, long out, long stride) {
      return Convolution.of(AXES, in, out, 1).withStride(stride).withBias(false);
    }

    private static Convolution wide(long in, long out, long stride, long dilation) {
      return Convolution.of(AXES, in, out, 3)
          .withDilation(dilation)
          .withSamePadding()
          .withStride(stride)
          .withBias(false);
    }
  }
}
