package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The two halves of a segmentation network: the encoder, which takes an image apart, and the
 * decoder, which draws the segmentation. A layer's half is told by its name where the names of all
 * layers tell, such as {@code enc1}, {@code down2}, {@code encoder.stages.0}, {@code up1}, {@code
 * decoder.blocks.0} or {@code out}; else the first half of the layers, in the order in which they
 * run, is the encoder. The claims about filters are judged for each half.
 */
public enum NetworkPart {
  /** From the image to the coarsest grid. */
  ENCODER("encoder"),
  /** From the coarsest grid to the prediction. */
  DECODER("decoder");

  private static final Pattern ENCODING =
      Pattern.compile(
          "(?i)(^|.*[./_])(enc|down|contract|backbone|stem|conv_blocks_context|bottleneck|layer\\d).*");
  private static final Pattern DECODING =
      Pattern.compile(
          "(?i)(^|.*[./_])(dec|up|expan|conv_blocks_localization|tu\\.|seg|out|final|head|classifier).*");

  private final String words;

  NetworkPart(String words) {
    this.words = words;
  }

  /** For sentences: {@code encoder}. */
  public String words() {
    return words;
  }

  /** Whether the names of all layers tell their part. */
  static boolean isNamed(List<String> layers) {
    return layers.stream()
        .allMatch(layer -> DECODING.matcher(layer).matches() || ENCODING.matcher(layer).matches());
  }

  /**
   * The part of each layer: by its name if all names tell; else the first half of the layers is the
   * encoder.
   */
  static List<NetworkPart> of(List<String> layers) {
    boolean named = isNamed(layers);
    List<NetworkPart> parts = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      boolean decodes =
          named ? DECODING.matcher(layers.get(i)).matches() : i >= (layers.size() + 1) / 2;
      parts.add(decodes ? DECODER : ENCODER);
    }
    return List.copyOf(parts);
  }
}
