package org.palimpsest.io.internal.smp;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Scope;
import org.palimpsest.io.internal.torchvision.ResNet;

/**
 * A ResNet or ResNeXt as an encoder.
 *
 * @param inputs the channels of the images
 * @param depth how many features it gives beside the images
 * @param stride of its last feature, as far as its depth lets it come to that
 */
record Encoder(ResNet layers, long inputs, int depth, int stride) {

  private static final Pattern RESNET = Pattern.compile("resnet(18|34|50|101|152)");
  private static final Pattern RESNEXT =
      Pattern.compile("resnext(?:(50)_32x(4)d|(101)_32x(4|8|16|32|48)d)");
  private static final int STAGES = 4;
  private static final int STRIDE = 32;

  /** An encoder without dilated stages. */
  static Encoder of(Arguments arguments, int depth) {
    return of(arguments, depth, STRIDE);
  }

  /**
   * @param usualDepth where the arguments say nothing
   * @param stride 8, 16 or 32
   */
  static Encoder of(Arguments arguments, int usualDepth, int stride) {
    long depth = arguments.integer("encoder_depth", usualDepth);
    if (depth < 1 || depth > STAGES + 1) {
      throw arguments.wrong("encoder_depth", "1 to 5");
    }
    ResNet layers = named(arguments);
    List<ResNet.Stage> stages = new ArrayList<>(layers.stages());
    for (int i = 2; i < STAGES; i++) {
      int dilation = (8 << (i - 1)) / stride;
      if (dilation > 1) {
        stages.set(i, new ResNet.Stage(stages.get(i).blocks(), 1, dilation, dilation));
      }
    }
    arguments.withoutEffect("encoder_weights");
    return new Encoder(
        new ResNet(layers.bottleneck(), stages, layers.groups(), layers.width()),
        arguments.integer("in_channels", 3),
        (int) depth,
        stride);
  }

  private static ResNet named(Arguments arguments) {
    String name = arguments.text("encoder_name", "resnet34");
    Matcher plain = RESNET.matcher(name);
    if (plain.matches()) {
      return ResNet.of(Integer.parseInt(plain.group(1)), 1, ResNet.STEM);
    }
    Matcher grouped = RESNEXT.matcher(name);
    if (grouped.matches()) {
      boolean small = grouped.group(1) != null;
      int depth = Integer.parseInt(grouped.group(small ? 1 : 3));
      return ResNet.of(depth, 32, Long.parseLong(grouped.group(small ? 2 : 4)));
    }
    throw new PalimpsestException(
        "%s has the encoder '%s', which is not known here; resnet18, 34, 50, 101 and 152, resnext50_32x4d and resnext101_32x4d, 8d, 16d, 32d and 48d are. Export the network with torch.export.save and give the .pt2 file."
            .formatted(arguments.what(), name));
  }

  /** The channels of the images and of each feature. */
  List<Long> channels() {
    List<Long> all = new ArrayList<>(List.of(inputs, ResNet.STEM));
    for (int stage = 1; stage <= STAGES; stage++) {
      all.add(layers.channels(stage));
    }
    return all.subList(0, depth + 1);
  }

  /** The channels of the last feature. */
  long last() {
    return channels().get(depth);
  }

  /** What the sides of images must be multiples of, where the network demands it. */
  int divisor() {
    return Math.min(stride, 1 << depth);
  }

  /** The images and the features; stages beyond the depth are in the file and are not run. */
  List<Value> apply(Scope encoder, Value images) {
    List<Value> features = new ArrayList<>(List.of(images));
    Value value = layers.stem(encoder, images, inputs);
    features.add(value);
    for (int stage = 1; stage <= STAGES; stage++) {
      Scope module = encoder.child(ResNet.name(stage));
      if (stage < depth) {
        value = layers.stage(encoder, value, stage);
        features.add(value);
      } else if (module.hasTensors()) {
        module.setAsideAll();
        encoder.graph().note("not run, as encoder_depth says: " + module.name());
      }
    }
    return features;
  }
}
