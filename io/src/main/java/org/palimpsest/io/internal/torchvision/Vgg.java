package org.palimpsest.io.internal.torchvision;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Activations;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Convolution;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Linear;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Scope;

/** {@code torchvision.models.VGG} of 11 to 19 layers, with batch normalisation or without. */
final class Vgg implements Blueprint {

  private static final List<Long> WIDTHS = List.of(64L, 128L, 256L, 512L, 512L);
  private static final long POOLED = 7;
  private static final long HIDDEN = 4096;
  private static final long IMAGENET = 1000;

  private final List<Integer> convolutions;
  private final boolean normalised;
  private final long classes;

  private Vgg(List<Integer> convolutions, boolean normalised, long classes) {
    this.convolutions = convolutions;
    this.normalised = normalised;
    this.classes = classes;
  }

  /**
   * @param depth 11, 13, 16 or 19
   */
  static Blueprint of(int depth, boolean normalised, Arguments arguments) {
    List<Integer> convolutions =
        switch (depth) {
          case 11 -> List.of(1, 1, 2, 2, 2);
          case 13 -> List.of(2, 2, 2, 2, 2);
          case 16 -> List.of(2, 2, 3, 3, 3);
          case 19 -> List.of(2, 2, 4, 4, 4);
          default -> throw new IllegalArgumentException("no depth of a VGG: " + depth);
        };
    long classes = arguments.integer("num_classes", IMAGENET);
    arguments.withoutEffect("init_weights", "dropout").requireAllAsked();
    return new Vgg(convolutions, normalised, classes);
  }

  @Override
  public long inputs() {
    return 3;
  }

  @Override
  public long inputs(Scope network) {
    return FittedSizes.inputs(network.child("features.0"));
  }

  @Override
  public int axes() {
    return 2;
  }

  @Override
  public void build(Scope network, Value images) {
    long inputs = FittedSizes.notedInputs(network.child("features.0"));
    Value value = features(inputs).apply(network.child("features"), images);
    List<Long> pooled = List.of(POOLED, POOLED);
    value = Pooling.averageTo(pooled).apply(network.child("avgpool"), value);
    Value flat = network.call("flatten", value, 1, -1);
    long given = FittedSizes.classes(network.child("classifier.6"), classes);
    Layer classifier =
        Layer.sequence(
            new Linear(WIDTHS.get(WIDTHS.size() - 1) * POOLED * POOLED, HIDDEN, true),
            Activations.relu(),
            Layer.identity(),
            new Linear(HIDDEN, HIDDEN, true),
            Activations.relu(),
            Layer.identity(),
            new Linear(HIDDEN, given, true));
    network.graph().output(classifier.apply(network.child("classifier"), flat));
  }

  private Layer features(long inputs) {
    List<Layer> layers = new ArrayList<>();
    long in = inputs;
    for (int level = 0; level < WIDTHS.size(); level++) {
      for (int i = 0; i < convolutions.get(level); i++) {
        long out = WIDTHS.get(level);
        layers.add(Convolution.of(2, in, out, 3).withSamePadding());
        if (normalised) {
          layers.add(ResNet.batchNorm(out));
        }
        layers.add(Activations.relu());
        in = out;
      }
      layers.add(Pooling.max(List.of(2L, 2L)));
    }
    return Layer.sequence(layers.toArray(Layer[]::new));
  }
}
