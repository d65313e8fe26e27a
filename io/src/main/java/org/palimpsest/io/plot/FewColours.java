package org.palimpsest.io.plot;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A picture with a palette of 256 colours. */
final class FewColours {

  private static final int MOST = 256;

  /** How many of the most frequent colours are kept as they are. */
  private static final int EXACT = 160;

  private static final int OPAQUE = 0xffffff;

  private FewColours() {}

  static BufferedImage of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    List<Integer> palette = palette(pixels);
    int[] colours = palette.stream().mapToInt(Integer::intValue).toArray();
    IndexColorModel model =
        new IndexColorModel(8, colours.length, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    BufferedImage indexed =
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
    Map<Integer, Integer> places = new HashMap<>();
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = places.computeIfAbsent(pixels[i] & OPAQUE, colour -> nearest(colour, palette));
    }
    indexed.getRaster().setPixels(0, 0, width, height, pixels);
    return indexed;
  }

  /** The frequent colours, and of the others as many as it takes to have one near each. */
  private static List<Integer> palette(int[] pixels) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int pixel : pixels) {
      counts.merge(pixel & OPAQUE, 1, Integer::sum);
    }
    List<Integer> frequentFirst = new ArrayList<>(counts.keySet());
    frequentFirst.sort(
        Comparator.<Integer>comparingInt(colour -> -counts.getOrDefault(colour, 0))
            .thenComparingInt(colour -> colour));
    if (frequentFirst.size() <= MOST) {
      return frequentFirst;
    }
    int apart = 1;
    List<Integer> chosen = frequentFirst;
    while (chosen.size() > MOST) {
      apart *= 2;
      chosen = apart(frequentFirst, apart);
    }
    return chosen;
  }

  private static List<Integer> apart(List<Integer> colours, int least) {
    List<Integer> chosen = new ArrayList<>(colours.subList(0, EXACT));
    for (int colour : colours.subList(EXACT, colours.size())) {
      if (chosen.size() <= MOST
          && chosen.stream().allMatch(other -> distance(colour, other) >= least)) {
        chosen.add(colour);
      }
    }
    return chosen;
  }

  private static int nearest(int colour, List<Integer> palette) {
    int best = 0;
    for (int i = 1; i < palette.size(); i++) {
      if (distance(colour, palette.get(i)) < distance(colour, palette.get(best))) {
        best = i;
      }
    }
    return best;
  }

  private static int distance(int a, int b) {
    int red = (a >> 16) - (b >> 16);
    int green = (a >> 8 & 0xff) - (b >> 8 & 0xff);
    int blue = (a & 0xff) - (b & 0xff);
    return red * red + green * green + blue * blue;
  }
}
