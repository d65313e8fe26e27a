package org.palimpsest.io.internal.smp;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Scope;

/** An encoder, a decoder, a head, and perhaps a classifier of whole images. */
final class Network implements Blueprint {

  private final Encoder encoder;
  private final Decoder decoder;
  private final Layer head;
  private final Optional<Layer> classifier;
  private final boolean anySize;

  private Network(
      Encoder encoder, Decoder decoder, Layer head, Optional<Layer> classifier, boolean anySize) {
    this.encoder = encoder;
    this.decoder = decoder;
    this.head = head;
    this.classifier = classifier;
    this.anySize = anySize;
  }

  /** A network for images whose sides the encoder divides without rest. */
  static Blueprint of(Arguments arguments, Encoder encoder, Decoder decoder, Layer head) {
    return of(arguments, encoder, decoder, head, false);
  }

  /**
   * @param anySize whether it takes images of any size
   */
  static Blueprint of(
      Arguments arguments, Encoder encoder, Decoder decoder, Layer head, boolean anySize) {
    Optional<Layer> classifier = Heads.classification(arguments, encoder.last());
    arguments.requireAllAsked();
    return new Network(encoder, decoder, head, classifier, anySize);
  }

  @Override
  public long inputs() {
    return encoder.inputs();
  }

  @Override
  public int axes() {
    return 2;
  }

  @Override
  public void build(Scope network, Value images) {
    if (!anySize) {
      requireDivisible(network, images);
    }
    List<Value> features = encoder.apply(network.child("encoder"), images);
    Scope decoding = network.child("decoder");
    Value decoded = decoding.tap(decoder.apply(decoding, features));
    Value mask = head.apply(network.child("segmentation_head"), decoded);
    if (classifier.isEmpty()) {
      network.graph().output(mask);
      return;
    }
    Value last = features.get(features.size() - 1);
    Value label = classifier.get().apply(network.child("classification_head"), last);
    network.graph().output("0", mask).output("1", label);
  }

  /** The library refuses others too, even where its layers could take them. */
  private void requireDivisible(Scope network, Value images) {
    int divisor = encoder.divisor();
    @Nullable Object[] extents = new @Nullable Object[4];
    for (int axis = 2; axis < extents.length; axis++) {
      Value size = network.call("size", images, axis);
      extents[axis] = network.call("mul", network.call("floordiv", size, divisor), divisor);
    }
    String what =
        "images, whose sides must be multiples of %d for this network,".formatted(divisor);
    network.graph().expect(what, images, Arrays.asList(extents));
  }
}
