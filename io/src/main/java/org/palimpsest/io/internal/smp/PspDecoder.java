package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.nn.Layer;
import org.palimpsest.io.internal.nn.Pooling;
import org.palimpsest.io.internal.nn.Resizing;
import org.palimpsest.io.internal.nn.Scope;

/** {@code PSPNet}: the last feature is joined with means of it over 1 to 36 regions. */
record PspDecoder(long in, long out, ConvolutionBlock convolutions) implements Decoder {

  private static final List<Long> SIZES = List.of(1L, 2L, 3L, 6L);

  static Blueprint of(Arguments arguments) {
    Encoder encoder = Encoder.of(arguments, 3);
    long out = arguments.integer("psp_out_channels", 512);
    ConvolutionBlock convolutions = ConvolutionBlock.of(arguments, "psp_use_batchnorm");
    arguments.withoutEffect("psp_dropout");
    Layer head = Heads.segmentation(arguments, out, 3, arguments.integer("upsampling", 8));
    return Network.of(arguments, encoder, new PspDecoder(encoder.last(), out, convolutions), head);
  }

  @Override
  public Value apply(Scope decoder, List<Value> features) {
    Value input = features.get(features.size() - 1);
    Scope pyramid = decoder.child("psp");
    List<Value> parts = new ArrayList<>();
    for (int i = 0; i < SIZES.size(); i++) {
      parts.add(pooled(pyramid.child("blocks").child(i), input, SIZES.get(i)));
    }
    parts.add(input);
    Value joined = pyramid.tap(pyramid.call("cat", parts, 1));
    long width = in + in / SIZES.size() * SIZES.size();
    Value value = convolutions.of(width, out, 1).apply(decoder.child("conv"), joined);
    return decoder.child("dropout").tap(value);
  }

  private Value pooled(Scope module, Value input, long size) {
    ConvolutionBlock block = size == 1 ? ConvolutionBlock.none() : convolutions;
    Layer pool =
        Layer.sequence(Pooling.averageTo(List.of(size, size)), block.of(in, in / SIZES.size(), 1));
    Value small = pool.apply(module.child("pool"), input);
    return module.tap(Resizing.linearTo(module, small, input, 2, true));
  }
}
